using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class VlanTests
{
    private readonly SwitchSetup _setup = new();

    [Fact]
    public void A_port_vlan_is_inserted_towards_the_wire_and_stripped_towards_the_guest()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Vlan = 100, Qos = 5 });
        byte[] sent = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress, length: 120);
        _setup.Send(a, sent);
        Assert.Equal(TestFrame.Tagged(sent, 100, 5), _setup.Receiver(uplink).Single());

        byte[] answer = TestFrame.Plain(a.MacAddress, TestFrame.Mac(9), length: 120);
        _setup.Send(uplink, TestFrame.Tagged(answer, 100, 3), TestFrame.Tagged(answer, 101), answer);
        Assert.Equal(answer, _setup.Receiver(a).Single());
    }

    [Fact]
    public void Ports_of_one_port_vlan_talk_untagged_and_others_hear_nothing()
    {
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Vlan = 100 });
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { Vlan = 100 });
        SwitchPort c = _setup.AddVf(3, VfPolicy.Default with { Vlan = 200 });
        SwitchPort d = _setup.AddVf(4, VfPolicy.Default with { Vlan = 100, VlanProtocol = EtherType.ServiceTag });
        byte[] broadcast = TestFrame.Plain(MacAddress.Broadcast, a.MacAddress);
        _setup.Send(a, broadcast, TestFrame.Plain(c.MacAddress, a.MacAddress));
        Assert.Equal(broadcast, _setup.Receiver(b).Single());
        Assert.Empty(_setup.Receiver(c).Frames);
        Assert.Empty(_setup.Receiver(d).Frames);
    }

    [Fact]
    public void One_broadcast_shows_its_tag_to_those_who_see_tags_only()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Vlan = 100, Qos = 2 });
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { Vlan = 100 });
        SwitchPort trunk = _setup.AddVf(3);
        SwitchPort c = _setup.AddVf(4, VfPolicy.Default with { Vlan = 100 });
        byte[] broadcast = TestFrame.Plain(MacAddress.Broadcast, a.MacAddress);
        _setup.Send(a, broadcast);
        Assert.Equal(broadcast, _setup.Receiver(b).Single());
        Assert.Equal(broadcast, _setup.Receiver(c).Single());
        Assert.Equal(TestFrame.Tagged(broadcast, 100, 2), _setup.Receiver(uplink).Single());
        Assert.Equal(TestFrame.Tagged(broadcast, 100, 2), _setup.Receiver(trunk).Single());
    }

    [Fact]
    public void Behind_a_port_vlan_a_guest_may_send_priority_tags_and_no_others()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Vlan = 100, Qos = 1 });
        byte[] frame = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress);
        _setup.Send(a, TestFrame.Tagged(frame, 0, 7), TestFrame.Tagged(frame, 100), TestFrame.Tagged(frame, 7));
        _setup.Send(a, TestFrame.Tagged(frame, 0, 0, EtherType.ServiceTag));
        Assert.Equal(TestFrame.Tagged(frame, 100, 1), _setup.Receiver(uplink).Single());
        Assert.Equal((3, 3), (a.Counters.VlanDropped, a.Counters.TxDropped));
    }

    [Fact]
    public void Behind_an_802_1ad_port_vlan_the_guests_own_tags_travel_inside()
    {
        SwitchPort uplink = _setup.AddUplink();
        VfPolicy provider = VfPolicy.Default with { Vlan = 300, Qos = 4, VlanProtocol = EtherType.ServiceTag };
        SwitchPort a = _setup.AddVf(1, provider);
        SwitchPort b = _setup.AddVf(2, provider);
        byte[] inner = TestFrame.Tagged(TestFrame.Plain(MacAddress.Broadcast, a.MacAddress), 7);
        _setup.Send(a, inner, TestFrame.Tagged(inner, 8, 0, EtherType.ServiceTag));
        Assert.Equal(inner, _setup.Receiver(b).Single());
        Assert.Equal(TestFrame.Tagged(inner, 300, 4, EtherType.ServiceTag), _setup.Receiver(uplink).Single());
        Assert.Equal(1, a.Counters.VlanDropped);

        byte[] back = TestFrame.Tagged(TestFrame.Plain(a.MacAddress, TestFrame.Mac(9)), 7);
        _setup.Send(uplink, TestFrame.Tagged(back, 300, 0, EtherType.ServiceTag), TestFrame.Tagged(back, 300));
        Assert.Equal(back, _setup.Receiver(a).Single());
    }

    [Fact]
    public void V066_a_trunk_list_bounds_what_a_guest_may_tag_and_hear()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Trunk = VlanSet.Of(10, 20) });
        byte[] frame = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress);
        byte[] allowed = TestFrame.Tagged(frame, 10, 3);
        _setup.Send(a, allowed, TestFrame.Tagged(frame, 11), frame, TestFrame.Tagged(frame, 10, 0, EtherType.ServiceTag));
        Assert.Equal(allowed, _setup.Receiver(uplink).Single());
        Assert.Equal(3, a.Counters.VlanDropped);

        byte[] back = TestFrame.Plain(a.MacAddress, TestFrame.Mac(9));
        _setup.Send(uplink, TestFrame.Tagged(back, 20), TestFrame.Tagged(back, 30), back);
        Assert.Equal(TestFrame.Tagged(back, 20), _setup.Receiver(a).Single());
    }

    [Fact]
    public void Vlan_0_in_a_trunk_list_is_untagged_and_priority_tagged_traffic()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Trunk = VlanSet.Of(0) });
        byte[] frame = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress);
        _setup.Send(a, frame, TestFrame.Tagged(frame, 0, 6), TestFrame.Tagged(frame, 1));
        Assert.Equal([frame, TestFrame.Tagged(frame, 0, 6)], _setup.Receiver(uplink).Frames);
    }

    [Fact]
    public void V058_the_drivers_vlan_filter_lets_its_vlans_and_untagged_frames_in()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        b.Filter = new ReceiveFilter { Vlans = VlanSet.Of(5) };
        byte[] frame = TestFrame.Plain(b.MacAddress, a.MacAddress);
        byte[] broadcast = TestFrame.Plain(MacAddress.Broadcast, a.MacAddress);
        _setup.Send(a, frame, TestFrame.Tagged(frame, 5), TestFrame.Tagged(frame, 6), TestFrame.Tagged(broadcast, 6));
        Assert.Equal([frame, TestFrame.Tagged(frame, 5)], _setup.Receiver(b).Frames);
    }

    [Fact]
    public void One_address_may_live_in_two_port_vlans()
    {
        SwitchPort uplink = _setup.AddUplink();
        MacAddress twin = TestFrame.Mac(0x50);
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Mac = twin, Vlan = 10 });
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { Mac = twin, Vlan = 20 });
        byte[] frame = TestFrame.Plain(twin, TestFrame.Mac(9));
        _setup.Send(uplink, TestFrame.Tagged(frame, 20));
        Assert.Empty(_setup.Receiver(a).Frames);
        Assert.Equal(frame, _setup.Receiver(b).Single());
    }

    [Fact]
    public void A_tag_cut_short_is_malformed()
    {
        SwitchPort a = _setup.AddVf(1);
        byte[] cut = TestFrame.Plain(TestFrame.Mac(2), a.MacAddress, length: 17, etherType: EtherType.CustomerTag);
        _setup.Send(a, cut);
        Assert.Equal((1, 0), (a.Counters.TxDropped, a.Counters.VlanDropped));
    }
}
