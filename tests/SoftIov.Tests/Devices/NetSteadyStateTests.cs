using SoftIov.Datapath;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

public class NetSteadyStateTests
{
    private readonly VirtualSwitch _switch = new(TimeProvider.System);

    [Theory]
    [InlineData((ulong)RingKind.Split, 1)]
    [InlineData((ulong)RingKind.SplitEvents, 4)]
    [InlineData((ulong)RingKind.Packed, 1)]
    [InlineData((ulong)RingKind.PackedEvents, 4)]
    public void Frames_cost_no_allocation_from_ring_to_ring(ulong rings, int pairs)
    {
        const VirtioFeature Features = NetDriverOptions.Offloads | RingKind.Basic | VirtioFeature.MrgRxbuf | VirtioFeature.CtrlVq | VirtioFeature.Mq
            | VirtioFeature.NotfCoal;
        using Guest a = Make(1, Features | (VirtioFeature)rings, pairs);
        using Guest b = Make(2, Features | (VirtioFeature)rings, pairs);
        using Guest plain = Make(3, RingKind.Basic | VirtioFeature.MrgRxbuf | (VirtioFeature)rings, 1);
        byte[] small = TestFrame.Plain(b.Mac, a.Mac);
        byte[] large = TestPacket.IPv4(tcp: true, payload: 20_000);
        byte[] largeToPlain = [.. large];
        plain.Mac.CopyTo(largeToPlain);
        FrameHeader request = TransferTests.HeaderOf(TestPacket.Offload(large, GsoType.TcpV4, 1448));
        byte[] buffer = new byte[FrameBatch.MaxFrameLength];
        IPollable[] pollables = [.. a.Device.Function.Device.Pollables];
        int frames = 0;
        Run(50);
        frames = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(500);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(500 * (2 + 14), frames);

        void Run(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                NetDriverPair pair = a.Driver.Pairs[round % pairs];
                pair.TrySend(default, small, flush: false);
                pair.TrySend(in request, large, flush: false);
                pair.TrySend(in request, largeToPlain, flush: false);
                pair.Transmit.Publish();
                foreach (IPollable pollable in pollables)
                {
                    pollable.Poll(a.Device.Context);
                    pollable.Arm(a.Device.Context);
                }

                frames += Take(b) + Take(plain);
            }
        }

        int Take(Guest guest)
        {
            int taken = 0;
            for (int i = 0; i < guest.Driver.Pairs.Count; i++)
            {
                while (guest.Driver.Pairs[i].TryReceive(buffer, out _) >= 0)
                    taken++;
            }

            return taken;
        }
    }

    private Guest Make(int function, VirtioFeature features, int pairs)
    {
        var options = new NetDriverOptions
        {
            Features = features, RingSize = 128, QueuePairs = pairs, TransmitBufferSize = 24_000, Layout = TransmitLayout.TwoBuffers,
        };
        return new Guest(_switch, function, options);
    }
}
