using SoftIov.Datapath;
using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Frames between front-ends, through the switch that all VFs have.</summary>
public sealed class TrafficTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Frames_cross_between_two_front_ends(bool isPacked, bool usesSlots)
    {
        using var setup = new FrontEndSetup();
        FrontEndOptions options = Options(isPacked) with { UsesMemorySlots = usesSlots };
        VhostUserNetDriver first = setup.Open(0, options);
        VhostUserNetDriver second = setup.Open(1, options);

        for (int i = 0; i < 300; i++) // several times round the rings
        {
            FrontEndSetup.Send(first, second, 0, 1);
            FrontEndSetup.Send(second, first, 1, 0);
        }

        Assert.Equal(300, setup.Setup.Ports[0].Counters.TxPackets);
    }

    [Fact]
    public void A_front_end_and_a_driver_of_the_pci_function_reach_each_other()
    {
        using var setup = new FrontEndSetup();
        VirtioNetDriver pci = setup.Setup.Open(1, new NetDriverOptions { RingSize = 64 });
        VhostUserNetDriver driver = setup.Open(0);

        byte[] there = FrontEndSetup.Frame(0, 1);
        Assert.True(driver.Pairs[0].TrySend(default, there));
        byte[] received = new byte[2048];
        Assert.True(pci.WaitForFrame(FrontEndSetup.Patience));
        Assert.Equal(there, received[..pci.TryReceive(received)]);

        byte[] back = FrontEndSetup.Frame(1, 0);
        Assert.True(pci.TrySend(back));
        Assert.Equal(back, FrontEndSetup.Receive(driver));
    }

    [Fact]
    public void Policy_holds_for_front_ends_too()
    {
        using var setup = new FrontEndSetup();
        setup.Setup.Ports[0].Policy = VfPolicy.Default with { SpoofCheck = true };
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);

        byte[] spoofed = FrontEndSetup.Frame(0, 1);
        spoofed[6] ^= 4;
        Assert.True(first.Pairs[0].TrySend(default, spoofed));
        FrontEndSetup.Send(first, second, 0, 1); // the first that arrives is not the spoofed one
        Assert.Equal(1, setup.Setup.Ports[0].Counters.SpoofDropped);
    }

    /// <summary>QEMU gives the driver RING_RESET wherever it is offered, and tells no back-end of a ring that was reset.</summary>
    [Fact]
    public void V090_what_no_message_says_is_not_offered()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VirtioFeature without = VirtioFeature.RingReset | VirtioFeature.CtrlVq | VirtioFeature.Mac;
        Assert.Equal(VirtioFeature.None, (VirtioFeature)first.OfferedFeatures & without);
        Assert.NotEqual(VirtioFeature.None, (VirtioFeature)first.OfferedFeatures & VirtioFeature.RingPacked);
    }

    [Fact]
    public void Several_pairs_are_used()
    {
        using var setup = new FrontEndSetup(queuePairs: 2);
        FrontEndOptions options = new() { Driver = FrontEndSetup.Small with { Features = FrontEndOptions.Plain | VirtioFeature.Mq, QueuePairs = 2 } };
        VhostUserNetDriver first = setup.Open(0, options);
        VhostUserNetDriver second = setup.Open(1);

        Assert.Equal(2UL, BitConverter.ToUInt64(first.Channel.Ask(FrontEndRequest.GetQueueNum, [])));
        FrontEndSetup.Send(first, second, 0, 1, pair: 0);
        FrontEndSetup.Send(first, second, 0, 1, pair: 1);
        Assert.Equal(2, setup.Setup.Function(0).Status.ActivePairs);

        // The answer to what went out on the second pair comes in there.
        byte[] back = FrontEndSetup.Frame(1, 0);
        Assert.True(second.Pairs[0].TrySend(default, back));
        byte[] received = new byte[2048];
        Assert.True(first.Pairs[1].WaitForFrame(FrontEndSetup.Patience));
        Assert.Equal(back, received[..first.Pairs[1].TryReceive(received, out _)]);
    }

    [Fact]
    public void V093_no_frame_is_lost_while_the_memory_table_is_said_again()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        for (int i = 0; i < 200; i++)
        {
            SharedRegion region = second.Region;
            second.Channel.Post(FrontEndRequest.SetMemTable, VhostUserNetDriver.Table(region), region.File);
            FrontEndSetup.Send(first, second, 0, 1);
        }
    }

    internal static FrontEndOptions Options(bool isPacked) => new()
    {
        Driver = FrontEndSetup.Small with { Features = FrontEndOptions.Plain | (isPacked ? VirtioFeature.RingPacked | VirtioFeature.InOrder : 0) },
    };
}
