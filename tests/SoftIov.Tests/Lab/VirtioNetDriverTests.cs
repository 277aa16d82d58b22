using SoftIov.Lab.Virtio;
using Xunit;

namespace SoftIov.Tests.Lab;

/// <summary>The driver and the device through an adapter, a switch and a poller, all real.</summary>
public sealed class VirtioNetDriverTests
{
    private const VirtioFeature Packed = VirtioFeature.RingPacked;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(VirtioFeature.None, TransmitLayout.OneBuffer)]
    [InlineData(VirtioFeature.None, TransmitLayout.TwoBuffers)]
    [InlineData(VirtioFeature.None, TransmitLayout.Indirect)]
    [InlineData(VirtioFeature.InOrder, TransmitLayout.TwoBuffers)]
    [InlineData(Packed, TransmitLayout.OneBuffer)]
    [InlineData(Packed, TransmitLayout.TwoBuffers)]
    [InlineData(Packed, TransmitLayout.Indirect)]
    [InlineData(Packed | VirtioFeature.InOrder, TransmitLayout.TwoBuffers)]
    public void Frames_GoFromVfToVf(VirtioFeature ring, TransmitLayout layout)
    {
        using var setup = new NetPairSetup(vfCount: 2);
        NetDriverOptions options = new() { Features = NetDriverOptions.Plain | ring, RingSize = 64, Layout = layout };
        VirtioNetDriver sender = setup.Open(0, options);
        VirtioNetDriver receiver = setup.Open(1, options);

        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = Frame(60 + (i % 1400), i);
            Assert.True(SpinWait.SpinUntil(() => sender.TrySend(frame), Patience));
            Assert.Equal(frame, Receive(receiver));
        }
    }

    [Theory]
    [InlineData(VirtioFeature.None)]
    [InlineData(Packed)]
    [InlineData(Packed | VirtioFeature.InOrder)]
    public void Frame_LongerThanABuffer_ComesInSeveral(VirtioFeature ring)
    {
        using var setup = new NetPairSetup(vfCount: 2);
        NetDriverOptions options = new() { Features = NetDriverOptions.Plain | ring, RingSize = 64, ReceiveBufferSize = 256 };
        VirtioNetDriver sender = setup.Open(0, options);
        VirtioNetDriver receiver = setup.Open(1, options);

        for (int i = 0; i < 100; i++)
        {
            byte[] frame = Frame(1514, i);
            Assert.True(SpinWait.SpinUntil(() => sender.TrySend(frame), Patience));
            Assert.Equal(frame, Receive(receiver));
        }
    }

    [Theory]
    [InlineData(VirtioFeature.None)]
    [InlineData(Packed)]
    public void ControlQueue_Answers(VirtioFeature ring)
    {
        using var setup = new NetPairSetup(vfCount: 1, queuePairs: 4);
        VirtioNetDriver driver = setup.Open(0, new() { Features = NetDriverOptions.Plain | ring, QueuePairs = 4, RingSize = 16 });

        Assert.Equal(4, driver.Pairs.Count);
        Assert.Equal(8, driver.ControlIndex);
        Assert.True(driver.SetAllMulticast(true));
        Assert.True(driver.SetQueuePairs(2));
        Assert.False(driver.SetQueuePairs(5));
        Assert.Equal(1, driver.Command(99, 0, []));
    }

    [Fact]
    public void Configuration_IsReadThroughTheTransport()
    {
        using var setup = new NetPairSetup(vfCount: 1);
        VirtioNetDriver driver = setup.Open(0, new());
        var expected = new byte[6];
        NetPairSetup.MacOf(0).CopyTo(expected);

        Assert.Equal(expected, driver.MacAddress);
        Assert.Equal(1500, driver.Mtu);
        Assert.True(driver.LinkUp);
    }

    private static byte[] Receive(VirtioNetDriver receiver)
    {
        var bytes = new byte[2048];
        Assert.True(receiver.WaitForFrame(Patience));
        return bytes[..receiver.TryReceive(bytes)];
    }

    private static byte[] Frame(int length, int seed)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        NetPairSetup.MacOf(1).CopyTo(frame);
        NetPairSetup.MacOf(0).CopyTo(frame.AsSpan(6));
        frame[12] = 0x88;
        frame[13] = 0xB5;
        return frame;
    }
}
