using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class ForwardingTests
{
    private static readonly MacAddress Stranger = TestFrame.Mac(0x99);
    private static readonly MacAddress Group = new(0x0100_5E00_0001);

    private readonly SwitchSetup _setup = new();

    [Fact]
    public void Unicast_goes_to_the_owner_and_nowhere_else()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        SwitchPort c = _setup.AddVf(3);
        byte[] frame = TestFrame.Plain(b.MacAddress, a.MacAddress, length: 200);
        _setup.Send(a, frame);

        Assert.Equal(frame, _setup.Receiver(b).Single());
        Assert.Empty(_setup.Receiver(a).Frames);
        Assert.Empty(_setup.Receiver(c).Frames);
        Assert.Empty(_setup.Receiver(uplink).Frames);
        Assert.Equal((1, 200), (a.Counters.TxPackets, a.Counters.TxBytes));
        Assert.Equal((1, 200), (b.Counters.RxPackets, b.Counters.RxBytes));
    }

    [Fact]
    public void A_burst_reaches_each_receiver_in_one_call_and_in_order()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        SwitchPort c = _setup.AddVf(3);
        byte[][] frames = new byte[30][];
        for (int i = 0; i < frames.Length; i++)
        {
            MacAddress to = (i % 3) switch { 0 => b.MacAddress, 1 => c.MacAddress, _ => MacAddress.Broadcast };
            frames[i] = TestFrame.Plain(to, a.MacAddress, length: 60 + i);
        }

        _setup.Send(a, frames);
        Assert.Equal(1, _setup.Receiver(b).Calls);
        Assert.Equal(1, _setup.Receiver(c).Calls);
        Assert.Equal(frames.Where((_, i) => i % 3 != 1), _setup.Receiver(b).Frames);
        Assert.Equal(frames.Where((_, i) => i % 3 != 0), _setup.Receiver(c).Frames);
    }

    [Fact]
    public void Unknown_unicast_goes_to_the_uplink()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        _setup.Send(a, TestFrame.Plain(Stranger, a.MacAddress));
        Assert.Single(_setup.Receiver(uplink).Frames);
        Assert.Empty(_setup.Receiver(b).Frames);
    }

    [Fact]
    public void Unknown_unicast_is_shown_to_trusted_promiscuous_ports_only()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1);
        SwitchPort trusted = _setup.AddVf(2, VfPolicy.Default with { Trust = true });
        SwitchPort untrusted = _setup.AddVf(3);
        trusted.Filter = new ReceiveFilter { Promiscuous = true };
        untrusted.Filter = new ReceiveFilter { Promiscuous = true };

        _setup.Send(a, TestFrame.Plain(Stranger, a.MacAddress));
        _setup.Send(uplink, TestFrame.Plain(Stranger, TestFrame.Mac(0x77)));
        Assert.Equal(2, _setup.Receiver(trusted).Frames.Count);
        Assert.Empty(_setup.Receiver(untrusted).Frames);
        Assert.Single(_setup.Receiver(uplink).Frames);
    }

    [Fact]
    public void Nothing_is_reflected_to_its_sender()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1, VfPolicy.Physical);
        a.Filter = new ReceiveFilter { Promiscuous = true };
        _setup.Send(a, TestFrame.Plain(a.MacAddress, a.MacAddress), TestFrame.Plain(MacAddress.Broadcast, a.MacAddress));
        _setup.Send(a, TestFrame.Plain(Stranger, a.MacAddress));
        _setup.Send(uplink, TestFrame.Plain(MacAddress.Broadcast, Stranger));

        Assert.Equal([TestFrame.Plain(MacAddress.Broadcast, Stranger)], _setup.Receiver(a).Frames);
        Assert.Equal(2, _setup.Receiver(uplink).Frames.Count);
    }

    [Fact]
    public void Broadcast_and_multicast_go_to_all_and_are_counted()
    {
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        _setup.Send(a, TestFrame.Plain(MacAddress.Broadcast, a.MacAddress), TestFrame.Plain(Group, a.MacAddress));
        Assert.Equal(2, _setup.Receiver(b).Frames.Count);
        Assert.Equal(2, _setup.Receiver(uplink).Frames.Count);
        Assert.Equal((1, 1), (b.Counters.Multicast, b.Counters.Broadcast));
    }

    [Fact]
    public void V058_the_receive_filter_of_the_driver_holds()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        byte[] unicast = TestFrame.Plain(b.MacAddress, a.MacAddress);
        byte[] broadcast = TestFrame.Plain(MacAddress.Broadcast, a.MacAddress);
        byte[] multicast = TestFrame.Plain(Group, a.MacAddress);
        byte[] other = TestFrame.Plain(new MacAddress(Group.Value + 1), a.MacAddress);

        Assert.Equal([multicast, other], Passed(b, new ReceiveFilter { NoUnicast = true, NoBroadcast = true }));
        Assert.Equal([unicast, broadcast], Passed(b, new ReceiveFilter { NoMulticast = true }));
        Assert.Equal([unicast, broadcast, multicast], Passed(b, new ReceiveFilter { AllMulticast = false, Multicast = [Group] }));
        Assert.Equal([unicast, broadcast], Passed(b, new ReceiveFilter { AllMulticast = false }));
        Assert.Equal([unicast, broadcast, multicast, other], Passed(b, new ReceiveFilter { AllMulticast = false, Promiscuous = true }));

        List<byte[]> Passed(SwitchPort port, ReceiveFilter filter)
        {
            port.Filter = filter;
            _setup.Receiver(port).Frames.Clear();
            _setup.Send(a, unicast, broadcast, multicast, other);
            return [.. _setup.Receiver(port).Frames];
        }
    }

    [Fact]
    public void Further_unicast_addresses_count_for_trusted_ports()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort trusted = _setup.AddVf(2, VfPolicy.Default with { Trust = true });
        SwitchPort untrusted = _setup.AddVf(3);
        trusted.Filter = new ReceiveFilter { Unicast = [Stranger, a.MacAddress] };
        untrusted.Filter = new ReceiveFilter { Unicast = [TestFrame.Mac(0x98)] };

        _setup.Send(a, TestFrame.Plain(Stranger, a.MacAddress), TestFrame.Plain(TestFrame.Mac(0x98), a.MacAddress));
        Assert.Single(_setup.Receiver(trusted).Frames);
        Assert.Empty(_setup.Receiver(untrusted).Frames);

        // Asking for a neighbour's address does not take its frames away.
        _setup.Send(untrusted, TestFrame.Plain(a.MacAddress, untrusted.MacAddress));
        Assert.Single(_setup.Receiver(a).Frames);
    }

    [Fact]
    public void Link_local_groups_stay_between_the_wire_and_trusted_functions()
    {
        var lacp = new MacAddress(0x0180_C200_0002);
        SwitchPort uplink = _setup.AddUplink();
        SwitchPort physical = _setup.AddVf(0, VfPolicy.Physical);
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2, VfPolicy.Default with { Trust = true });
        _setup.Send(a, TestFrame.Plain(lacp, a.MacAddress));
        Assert.Equal(1, a.Counters.TxDropped);
        Assert.Empty(_setup.Receiver(uplink).Frames);

        _setup.Send(physical, TestFrame.Plain(lacp, physical.MacAddress));
        Assert.Single(_setup.Receiver(uplink).Frames);
        Assert.Empty(_setup.Receiver(b).Frames);

        _setup.Send(uplink, TestFrame.Plain(lacp, Stranger));
        Assert.Single(_setup.Receiver(physical).Frames);
        Assert.Single(_setup.Receiver(b).Frames);
        Assert.Empty(_setup.Receiver(a).Frames);
    }

    [Fact]
    public void Frames_a_receiver_did_not_take_are_counted_as_dropped()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        byte[] frame = TestFrame.Plain(b.MacAddress, a.MacAddress);
        _setup.Receiver(b).Room = 2;
        _setup.Send(a, frame, frame, frame);
        Assert.Equal((2, 120, 1), (b.Counters.RxPackets, b.Counters.RxBytes, b.Counters.RxDropped));

        b.Connect(null);
        _setup.Send(a, frame);
        Assert.Equal(2, b.Counters.RxDropped);
    }

    [Fact]
    public void V064_frames_over_the_mtu_are_dropped_on_either_side()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        byte[] full = TestFrame.Plain(b.MacAddress, a.MacAddress, length: 1514);
        byte[] tooLong = TestFrame.Plain(b.MacAddress, a.MacAddress, length: 1515);
        _setup.Send(a, full, tooLong, TestFrame.Tagged(full, 5), TestFrame.Tagged(tooLong, 5));
        Assert.Equal([full, TestFrame.Tagged(full, 5)], _setup.Receiver(b).Frames);
        Assert.Equal(2, a.Counters.TxDropped);

        b.Mtu = 1000;
        _setup.Send(a, full);
        Assert.Equal(1, b.Counters.RxDropped);
    }

    [Fact]
    public void A_receiver_that_throws_loses_its_connection_and_nobody_else_does()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort broken = _setup.AddVf(2);
        SwitchPort b = _setup.AddVf(3);
        broken.Connect(new ThrowingPort());
        _setup.Send(a, TestFrame.Plain(broken.MacAddress, a.MacAddress), TestFrame.Plain(b.MacAddress, a.MacAddress));
        _setup.Send(a, TestFrame.Plain(broken.MacAddress, a.MacAddress));
        Assert.Single(_setup.Receiver(b).Frames);
        Assert.Equal(2, broken.Counters.RxDropped);
    }

    [Fact]
    public void A_removed_port_neither_gets_nor_sends()
    {
        SwitchPort a = _setup.AddVf(1);
        SwitchPort b = _setup.AddVf(2);
        _setup.Switch.RemovePort(b);
        SwitchPort c = _setup.AddVf(3);
        _setup.Send(a, TestFrame.Plain(b.MacAddress, a.MacAddress));
        _setup.Send(b, TestFrame.Plain(a.MacAddress, b.MacAddress));
        Assert.Empty(_setup.Receiver(a).Frames);
        Assert.Empty(_setup.Receiver(b).Frames);
        Assert.Empty(_setup.Receiver(c).Frames);
        Assert.Equal(1, b.Counters.TxDropped);
    }

    private sealed class ThrowingPort : IFramePort
    {
        public OffloadSet AcceptedOffloads => OffloadSet.None;

        public FrameSet Deliver(FrameBatch batch, FrameSet frames) => throw new InvalidOperationException("broken on purpose");
    }
}
