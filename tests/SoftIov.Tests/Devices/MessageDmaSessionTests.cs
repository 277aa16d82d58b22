using SoftIov.Lab.VfioUser;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Lab;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>A driver over vfio-user whose memory has no file: rings, frames and commands by DMA messages.</summary>
public sealed class MessageDmaSessionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(VirtioFeature.None)]
    [InlineData(VirtioFeature.RingPacked)]
    public void A_guest_without_shared_memory_talks_to_its_neighbour(VirtioFeature ring)
    {
        using var folder = new ScratchFolder();
        using var setup = new NetPairSetup(vfCount: 2);
        using var server = new VfioUserServer(TimeProvider.System);
        using VfioUserSocket socket = server.Serve(setup.Adapter.Vf(0)!, new() { Path = folder.File("vf0.sock") });
        NetDriverOptions options = new() { Features = NetDriverOptions.Plain | ring, RingSize = 64 };
        VirtioNetDriver local = setup.Open(1, options);
        for (int session = 0; session < 3; session++)
        {
            using DriverMemory memory = DriverMemory.CreatePrivate(options.MemoryNeeded);
            using var client = VfioUserClient.Connect(socket.Path, new() { Memory = new ServedDriverMemory(memory) });
            using var device = new VfioUserDevice(client, "vf0");
            using VirtioNetDriver slow = VirtioNetDriver.Open(device, memory, options);
            for (int i = 0; i < 20; i++)
            {
                Exchange(slow, local, 0, 1, i);
                Exchange(local, slow, 1, 0, i);
            }

            Assert.True(slow.SetAllMulticast(true));
            Assert.True(socket.Counters.MessageAccesses > 0);
        }
    }

    private static void Exchange(VirtioNetDriver from, VirtioNetDriver to, int source, int destination, int seed)
    {
        byte[] frame = new byte[60 + (seed * 50)];
        new Random(seed).NextBytes(frame);
        NetPairSetup.MacOf(destination).CopyTo(frame);
        NetPairSetup.MacOf(source).CopyTo(frame.AsSpan(6));
        frame[12] = 0x88;
        frame[13] = 0xB5;
        Assert.True(SpinWait.SpinUntil(() => from.TrySend(frame), Patience));
        Assert.True(to.WaitForFrame(Patience));
        byte[] received = new byte[2048];
        Assert.Equal(frame, received[..to.TryReceive(received)]);
    }
}
