using SoftIov.Datapath;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class SteadyStateTests
{
    [Fact]
    public void Forwarding_allocates_nothing()
    {
        var vswitch = new VirtualSwitch(TimeProvider.System);
        SwitchPort a = Add(vswitch, 1, VfPolicy.Default with { Vlan = 7, MaxTxRateMegabits = 100_000 });
        SwitchPort b = Add(vswitch, 2, VfPolicy.Default with { Vlan = 7 });
        Add(vswitch, 3, VfPolicy.Default);
        vswitch.AddUplinkPort(new CopyingPort());
        byte[] large = TestPacket.IPv4(tcp: true, payload: 20_000, options: 12);
        byte[][] frames =
        [
            TestFrame.Plain(b.MacAddress, a.MacAddress, 1500), TestFrame.Plain(MacAddress.Broadcast, a.MacAddress), large,
            TestFrame.Plain(TestFrame.Mac(0x55), a.MacAddress), TestFrame.Plain(b.MacAddress, TestFrame.Mac(0x66)),
        ];
        var memories = Array.ConvertAll(frames, frame => new ScratchMemory(frame.Length));
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i].CopyTo(memories[i].Span);
        }

        FrameOffload gso = TestPacket.Offload(large, GsoType.TcpV4, 1448);
        Segment[] segments = Array.ConvertAll(memories, memory => memory.Segment(0, memory.Length));
        var batch = new FrameBatch();
        Run(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(200);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(210 * (2 + 14), b.Counters.RxPackets);

        void Run(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < segments.Length; i++)
                {
                    batch.TryAdd(segments.AsSpan(i, 1), 0, segments[i].Length, segments[i].Length > 5000 ? gso : default);
                }

                a.Transmit(batch, round);
                batch.Clear();
            }
        }
    }

    private static SwitchPort Add(VirtualSwitch vswitch, int function, VfPolicy policy)
    {
        SwitchPort port = vswitch.AddFunctionPort(function, policy, TestFrame.Mac(function));
        port.Connect(new CopyingPort());
        return port;
    }
}
