using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Rings that start, stop, are disabled, fail and go on.</summary>
public sealed class RingLifeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V092_a_ring_that_was_stopped_goes_on_where_it_stood(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, TrafficTests.Options(isPacked));
        VhostUserNetDriver second = setup.Open(1, TrafficTests.Options(isPacked));
        for (int i = 0; i < 100; i++)
            FrontEndSetup.Send(first, second, 0, 1);

        uint receive = second.StopRing(0);
        uint transmit = second.StopRing(1);
        uint sent = first.StopRing(1);

        // 100 of 64 entries: once round, and the wrap counter of a packed ring is 0 then.
        Assert.Equal(isPacked ? 36u | 36u << 16 : 100u, sent);
        Assert.Equal(isPacked ? 36u | 36u << 16 : 100u, receive);
        Assert.Equal(second.FirstBase, transmit);
        first.StartRing(1, sent);
        second.StartRing(0, receive);
        second.StartRing(1, transmit);
        for (int i = 0; i < 100; i++)
        {
            FrontEndSetup.Send(first, second, 0, 1);
            FrontEndSetup.Send(second, first, 1, 0);
        }
    }

    [Fact]
    public void A_stopped_receive_ring_gets_nothing()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        uint position = second.StopRing(0);

        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.True(SpinWait.SpinUntil(() => first.Pairs[0].ReclaimSent() == 1, FrontEndSetup.Patience));
        Assert.False(second.Pairs[0].Receive.HasUsed);

        second.StartRing(0, position);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void V091_what_a_disabled_ring_sends_is_taken_and_dropped_and_a_disabled_receiver_gets_nothing()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);

        first.Enable(1, false);
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.True(SpinWait.SpinUntil(() => first.Pairs[0].ReclaimSent() == 1, FrontEndSetup.Patience));
        Assert.Equal(0, setup.Setup.Ports[0].Counters.TxPackets);
        first.Enable(1, true);
        FrontEndSetup.Send(first, second, 0, 1);

        second.Enable(0, false);
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.True(SpinWait.SpinUntil(() => setup.Setup.Ports[1].Counters.RxDropped == 1, FrontEndSetup.Patience));
        Assert.False(second.Pairs[0].Receive.HasUsed);
        second.Enable(0, true);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void V091_the_call_event_can_be_another_at_any_time()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using var other = new SoftIov.Linux.EventFd();
        second.Channel.Do(FrontEndRequest.SetVringCall, FrontEndChannel.Number(0), other.Descriptor);
        Assert.True(other.Wait(FrontEndSetup.Patience)); // something may have been used before

        second.Pairs[0].Receive.ArmInterrupts();
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.True(other.Wait(FrontEndSetup.Patience));

        second.Channel.Do(FrontEndRequest.SetVringCall, FrontEndChannel.Number(1 << 8));
        second.Channel.Do(FrontEndRequest.SetVringCall, FrontEndChannel.Number(0), second.InterruptOf(0)!.Descriptor);
        byte[] frame = new byte[2048];
        Assert.True(SpinWait.SpinUntil(() => second.Pairs[0].TryReceive(frame, out _) > 0, FrontEndSetup.Patience));
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void A_mistake_in_a_ring_is_signalled_and_a_driver_that_begins_anew_is_served()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        var ring = (SplitDriverVirtqueue)first.Ring(1);
        ring.AvailableIndex += 1000;
        first.Kick(1);
        Assert.True(first.ErrorOf(1).Wait(FrontEndSetup.Patience));
        Assert.Equal(64UL, BitConverter.ToUInt64(first.Channel.Ask(FrontEndRequest.GetStatus, [])) & 64);

        first.StopRing(0);
        first.StopRing(1);
        ring.Reset();
        first.Ring(0).Reset();
        first.StartRing(0, 0);
        first.StartRing(1, 0);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void A_ring_that_does_not_start_while_the_device_waits_does_not_keep_it_waiting()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        var ring = (SplitDriverVirtqueue)first.Ring(1);
        ring.AvailableIndex += 1000;
        first.Kick(1);
        Assert.True(first.ErrorOf(1).Wait(FrontEndSetup.Patience));

        first.StopRing(1);
        ring.Reset();
        Assert.Throws<FrontEndException>(() => first.StartRing(1, 0));
        first.StopRing(0);
        first.Ring(0).Reset();
        Assert.Equal(0UL, BitConverter.ToUInt64(first.Channel.Ask(FrontEndRequest.GetStatus, [])) & 64);
        first.StartRing(0, 0);
        first.StartRing(1, 0);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Theory]
    [InlineData(FrontEndRequest.ResetDevice)]
    [InlineData(FrontEndRequest.SetStatus)]
    public void A_reset_stops_all_rings(FrontEndRequest reset)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        FrontEndSetup.Send(first, second, 0, 1);

        first.Channel.Do(reset, FrontEndChannel.Number(0));
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.Equal(1, setup.Setup.Ports[0].Counters.TxPackets);

        first.StartRing(0, 0);
        first.StartRing(1, 0);
        first.Enable(0, true);
        first.Enable(1, true);
        Assert.Equal(1, setup.Setup.Ports[0].Counters.TxPackets); // nothing was chosen since
        first.StopRing(0);
        first.StopRing(1);
        first.Channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number((ulong)first.Features | 1UL << 30));
        first.StartRing(0, 0);
        first.StartRing(1, 0);
        first.Enable(0, true);
        first.Enable(1, true);
        byte[] frame = new byte[2048];
        Assert.True(second.Pairs[0].WaitForFrame(FrontEndSetup.Patience));
        Assert.True(second.Pairs[0].TryReceive(frame, out _) > 0);
    }

    [Fact]
    public void V097_a_front_end_that_comes_back_loses_nothing_and_gets_nothing_twice()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        for (int i = 0; i < 10; i++)
            FrontEndSetup.Send(first, second, 0, 1);

        first.Channel.Stream.Shutdown();
        setup.WaitDetached();
        byte[] waiting = FrontEndSetup.Frame(0, 1);
        Assert.True(first.Pairs[0].TrySend(default, waiting));

        // What QEMU knows of a ring whose back-end died is where it started.
        first.Reconnect(setup.Connect(0), [0, 0]);
        Assert.Equal(waiting, FrontEndSetup.Receive(second));
        FrontEndSetup.Send(first, second, 0, 1);
        FrontEndSetup.Send(second, first, 1, 0);
        Assert.Equal(12, setup.Setup.Ports[0].Counters.TxPackets);
    }

    /// <summary>It may be another tenant's, and speak to the function by vfio-user: errors of the time of this one are not for it.</summary>
    [Fact]
    public void A_front_end_that_goes_leaves_a_function_at_power_on()
    {
        using var setup = new FrontEndSetup();
        IEndpoint function = setup.Sockets[0].Endpoint;
        byte[] atPowerOn = new byte[function.ConfigSize];
        byte[] found = new byte[function.ConfigSize];
        function.ReadConfig(0, atPowerOn);
        VhostUserNetDriver driver = setup.Open(0);
        setup.Setup.Adapter.Injector.Report(0, UncorrectableError.CompletionTimeout);
        function.ReadConfig(0, found);
        Assert.NotEqual(Convert.ToHexString(atPowerOn), Convert.ToHexString(found));
        driver.Channel.Stream.Shutdown();
        setup.WaitDetached();
        function.ReadConfig(0, found);
        Assert.Equal(Convert.ToHexString(atPowerOn), Convert.ToHexString(found));
        Assert.False(function.Dma.BusMasterEnable);
    }

    [Fact]
    public async Task A_function_that_goes_ends_its_session()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        await setup.Setup.Adapter.DisableAsync();
        Assert.Equal("the function is gone", setup.WaitDetached());
        Assert.True(first.Channel.IsClosedByBackEnd());
    }
}
