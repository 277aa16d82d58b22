using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class PolicyTests
{
    private readonly SwitchSetup _setup = new();

    [Fact]
    public void V066_spoofchk_drops_and_counts_foreign_sources()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        byte[] forged = TestFrame.Plain(b.MacAddress, TestFrame.Mac(0x66));
        _setup.Send(a, forged, TestFrame.Plain(b.MacAddress, a.MacAddress));
        Assert.Single(_setup.Receiver(b).Frames);
        Assert.Equal((1, 1, 1), (a.Counters.SpoofDropped, a.Counters.TxDropped, a.Counters.TxPackets));

        a.Policy = VfPolicy.Default with { SpoofCheck = false };
        _setup.Send(a, forged);
        Assert.Equal(2, _setup.Receiver(b).Frames.Count);
    }

    [Fact]
    public void Of_many_ports_only_those_that_changed_are_compiled()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { LinkState = LinkState.Enable });
        _setup.AddUplink();
        Station? first = a.Station;
        Station? second = b.Station;

        a.Filter = new ReceiveFilter { AllMulticast = false };
        Assert.NotSame(first, a.Station);
        Assert.Same(second, b.Station);
        first = a.Station;

        _setup.Switch.SetUplinkCarrier(false);
        Assert.NotSame(first, a.Station);
        Assert.False(a.Station!.LinkUp);
        Assert.Same(second, b.Station);
    }

    [Fact]
    public void An_administrative_address_binds_an_untrusted_driver()
    {
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Mac = TestFrame.Mac(0x41) });
        Assert.Equal(TestFrame.Mac(0x41), a.MacAddress);
        Assert.False(a.TrySetDriverMacAddress(TestFrame.Mac(0x42)));
        Assert.True(a.TrySetDriverMacAddress(TestFrame.Mac(0x41)));

        a.Policy = a.Policy with { Trust = true };
        Assert.True(a.TrySetDriverMacAddress(TestFrame.Mac(0x42)));
        Assert.Equal(TestFrame.Mac(0x42), a.MacAddress);

        a.Policy = a.Policy with { Trust = false };
        Assert.Equal(TestFrame.Mac(0x41), a.MacAddress);
    }

    [Fact]
    public void A_new_administrative_address_takes_the_drivers_away()
    {
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Trust = true });
        Assert.True(a.TrySetDriverMacAddress(TestFrame.Mac(0x42)));
        a.Policy = a.Policy with { Mac = TestFrame.Mac(0x41) };
        Assert.Equal(TestFrame.Mac(0x41), a.MacAddress);
    }

    [Fact]
    public void Without_an_administrative_address_the_driver_chooses_until_reset()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        Assert.True(a.TrySetDriverMacAddress(TestFrame.Mac(0x42)));
        _setup.Send(b, TestFrame.Plain(TestFrame.Mac(0x42), b.MacAddress));
        Assert.Single(_setup.Receiver(a).Frames);

        a.ResetDriverState();
        Assert.Equal(TestFrame.Mac(1), a.MacAddress);
    }

    [Fact]
    public void A_driver_cannot_take_groups_nothing_or_a_neighbours_address()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        Assert.False(a.TrySetDriverMacAddress(default));
        Assert.False(a.TrySetDriverMacAddress(MacAddress.Broadcast));
        Assert.False(a.TrySetDriverMacAddress(b.MacAddress));
        Assert.Equal(TestFrame.Mac(1), a.MacAddress);
    }

    [Fact]
    public void Link_state_follows_policy_and_uplink_and_is_told()
    {
        _setup.AddUplink();
        SwitchPort auto = _setup.AddVf(1);
        SwitchPort enabled = _setup.AddVf(2, VfPolicy.Default with { LinkState = LinkState.Enable });
        SwitchPort disabled = _setup.AddVf(3, VfPolicy.Default with { LinkState = LinkState.Disable });
        int told = 0;
        auto.LinkChanged += () => told++;
        enabled.LinkChanged += () => Assert.Fail("its link is up whatever the uplink does");
        Assert.Equal((true, true, false), (auto.LinkUp, enabled.LinkUp, disabled.LinkUp));

        _setup.Switch.SetUplinkCarrier(false);
        Assert.Equal((false, true, false), (auto.LinkUp, enabled.LinkUp, disabled.LinkUp));
        Assert.Equal(1, told);
        auto.Policy = auto.Policy with { LinkState = LinkState.Enable };
        Assert.Equal(2, told);
    }

    [Fact]
    public void A_port_whose_link_is_down_neither_sends_nor_receives()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { LinkState = LinkState.Disable });
        _setup.Send(a, TestFrame.Plain(b.MacAddress, a.MacAddress));
        _setup.Send(b, TestFrame.Plain(a.MacAddress, b.MacAddress));
        Assert.Empty(_setup.Receiver(a).Frames);
        Assert.Empty(_setup.Receiver(b).Frames);
        Assert.Equal((1, 1), (b.Counters.RxDropped, b.Counters.TxDropped));
    }

    [Fact]
    public void Many_changes_are_one()
    {
        var vswitch = new VirtualSwitch(TimeProvider.System);
        var ports = new List<SwitchPort>();
        vswitch.Change(() =>
        {
            for (int i = 1; i <= 4000; i++)
            {
                ports.Add(vswitch.AddFunctionPort(i, VfPolicy.Default, TestFrame.Mac(i)));
            }
        });
        Assert.Equal(ports[3999], vswitch.Table.FindOwner(TestFrame.Mac(4000), 0)?.Port);
        Assert.Null(vswitch.Table.FindOwner(TestFrame.Mac(4001), 0));
    }
}
