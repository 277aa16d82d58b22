using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Lab;

/// <summary>The same driver over a socket: from a VF served by vfio-user to one that is not.</summary>
public sealed class VfioUserDeviceTests
{
    [Theory]
    [InlineData(VirtioFeature.None)]
    [InlineData(VirtioFeature.RingPacked)]
    public void Frames_GoThroughAServedVf(VirtioFeature ring)
    {
        using var folder = new ScratchFolder();
        using var setup = new NetPairSetup(vfCount: 2);
        using var server = new VfioUserServer(TimeProvider.System);
        using VfioUserSocket socket = server.Serve(setup.Adapter.Vf(0)!, new() { Path = folder.File("vf0.sock") });
        NetDriverOptions options = new() { Features = NetDriverOptions.Plain | ring, RingSize = 64 };
        using DriverMemory memory = DriverMemory.CreateShared("guest", options.MemoryNeeded);
        using VfioUserDevice device = VfioUserDevice.Connect(folder.File("vf0.sock"));
        using VirtioNetDriver served = VirtioNetDriver.Open(device, memory, options);
        VirtioNetDriver local = setup.Open(1, options);

        for (int i = 0; i < 200; i++)
        {
            Exchange(served, local, 0, 1, i);
            Exchange(local, served, 1, 0, i);
        }
    }

    private static void Exchange(VirtioNetDriver from, VirtioNetDriver to, int source, int destination, int seed)
    {
        TimeSpan patience = TimeSpan.FromSeconds(30);
        var frame = new byte[60 + (seed % 500)];
        new Random(seed).NextBytes(frame);
        NetPairSetup.MacOf(destination).CopyTo(frame);
        NetPairSetup.MacOf(source).CopyTo(frame.AsSpan(6));
        frame[12] = 0x88;
        frame[13] = 0xB5;
        Assert.True(SpinWait.SpinUntil(() => from.TrySend(frame), patience));
        Assert.True(to.WaitForFrame(patience));
        var received = new byte[2048];
        Assert.Equal(frame, received[..to.TryReceive(received)]);
    }
}
