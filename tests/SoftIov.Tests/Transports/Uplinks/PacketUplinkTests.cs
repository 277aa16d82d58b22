using SoftIov.Datapath;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>A veth pair is the interface and the wire: v0 on the host, v1 in a namespace beyond.</summary>
public sealed class PacketUplinkTests : IDisposable
{
    private readonly UplinkSetup _setup = new();
    private readonly NetworkNamespace _far = new();

    private NetworkNamespace Host => _setup.Host;

    private UplinkCounters Counters => _setup.Uplink.Counters;

    public void Dispose()
    {
        _setup.Dispose();
        _far.Dispose();
    }

    [NetworkFact]
    public void Frames_to_any_address_come_from_the_wire()
    {
        Open();
        using var probe = new PacketProbe(_far, "v1");
        foreach (int length in (int[])[14, 60, 1514])
        {
            byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), length);
            probe.Send(frame);
            Assert.Equal(frame, _setup.WaitFor(f => f.Length == length && UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }

        Assert.Contains("promiscuity 1", Host.Ip("-d link show v0"), StringComparison.Ordinal);
        Assert.Equal((0, 0), (Counters.ReceiveLost, Counters.ReceiveCalls));
    }

    [NetworkFact]
    public void A_burst_goes_to_the_wire_with_one_system_call_and_does_not_come_back()
    {
        Open();
        using var probe = new PacketProbe(_far, "v1");
        byte[][] frames = [.. Enumerable.Range(0, 32).Select(i => TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 60 + 45 * i))];
        _setup.Send(frames);
        foreach (byte[] frame in frames)
        {
            Assert.Equal(frame, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }

        Assert.Equal((32, 1), (_setup.UplinkPort.Counters.RxPackets, Counters.TransmitCalls));
        _setup.Receiver.Frames.Clear();
        _setup.Send(TestFrame.Plain(MacAddress.Broadcast, TestFrame.Mac(1)));
        using var host = new PacketProbe(Host, "v0");
        host.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(7)));
        probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9)));
        _setup.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental));

        // Neither the function's own broadcast nor what the host itself sends into the wire.
        Assert.Single(_setup.Receiver.Frames, f => UplinkSetup.IsType(f, TestFrame.LocalExperimental));
    }

    [NetworkFact]
    public void Vlan_tags_pass_both_ways()
    {
        Open();
        using var probe = new PacketProbe(_far, "v1");
        byte[] inner = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 100);
        foreach (byte[] frame in (byte[][])[TestFrame.Tagged(inner, 5, 3), TestFrame.Tagged(TestFrame.Tagged(inner, 7), 6, 0, EtherType.ServiceTag)])
        {
            probe.Send(frame);
            Assert.Equal(frame, _setup.WaitFor(f => f.Length == frame.Length));
        }

        _setup.Vf.Policy = VfPolicy.Physical with { Vlan = 100, Qos = 5 };
        byte[] plain = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 1514);
        _setup.Send(plain);
        Assert.Equal(plain, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        probe.Send(TestFrame.Tagged(inner, 100));
        Assert.Equal(inner, _setup.WaitFor(f => f.Length == 100));
    }

    [NetworkFact]
    public void Jumbo_frames_pass_and_longer_ones_than_the_mtu_are_refused_alone()
    {
        Open(mtu: 9000);
        using var probe = new PacketProbe(_far, "v1");
        byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 9014);
        probe.Send(frame);
        Assert.Equal(frame, _setup.WaitFor(f => f.Length == 9014));
        Assert.Equal(0, Counters.ReceiveCalls);

        Host.Ip("link set v0 mtu 1500");
        byte[] small = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 1514);
        byte[] large = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 1519);
        _setup.Send(small, large, small, large, large, small);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(small, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }

        Assert.Equal((3, 0), (Counters.TransmitRefused, Counters.TransmitFull));
        Assert.Equal((3, 3), (_setup.UplinkPort.Counters.RxPackets, _setup.UplinkPort.Counters.RxDropped));
    }

    [NetworkFact]
    public void Frames_longer_than_a_slot_come_whole_and_in_order()
    {
        Open(mtu: 1500);
        Host.Ip("link set v0 mtu 9000");
        _far.Ip("link set v1 mtu 9000");
        using var probe = new PacketProbe(_far, "v1");
        int[] lengths = [100, 9014, 1514, 4000, 4001, 60];
        foreach (int length in lengths)
        {
            probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), length));
        }

        _setup.WaitFor(f => f.Length == 60 && UplinkSetup.IsType(f, TestFrame.LocalExperimental));
        byte[][] received = [.. _setup.Receiver.Frames.Where(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental))];
        Assert.Equal(lengths.Select(length => TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), length)), received);
        Assert.Equal((0, 3), (Counters.ReceiveLost, Counters.ReceiveCalls));
    }

    [NetworkFact]
    public void A_burst_of_frames_longer_than_a_slot_takes_several_turns()
    {
        Open(mtu: 1500);
        Host.Ip("link set v0 mtu 9000");
        _far.Ip("link set v1 mtu 9000");
        using var probe = new PacketProbe(_far, "v1");
        for (int i = 0; i < 40; i++)
        {
            probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 8000 + i));
        }

        _setup.WaitFor(f => f.Length == 8039);
        Assert.Equal(Enumerable.Range(8000, 40), _setup.Receiver.Frames.Select(f => f.Length).Where(length => length >= 8000));
    }

    [NetworkFact]
    public void Frames_that_found_the_ring_full_are_counted()
    {
        Open(mtu: 9000);
        using var probe = new PacketProbe(_far, "v1");
        const int Sent = 700;
        for (int i = 0; i < Sent; i++)
        {
            probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 1000));
        }

        // 512 slots of 16 KiB. The loss is told with the frames that come after it.
        PollAll();
        probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 1001));
        _setup.WaitFor(f => f.Length == 1001);
        int received = _setup.Receiver.Frames.Count(f => f.Length == 1000);
        Assert.InRange(received, 500, 512);
        Assert.InRange(Counters.ReceiveLost, Sent - received, Sent - received + 10);
    }

    [NetworkFact]
    public void Frames_that_the_host_has_no_room_for_are_lost_alone_and_counted()
    {
        Open();
        using var probe = new PacketProbe(_far, "v1");

        // 1600 bytes may go at once, 1000 may wait.
        Host.Tool("tc", "qdisc add dev v0 root tbf rate 8kbit burst 1600 limit 1000");
        byte[][] frames = [.. Enumerable.Range(0, 32).Select(i => TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 200 + i))];
        _setup.Send(frames);
        int full = (int)Counters.TransmitFull;
        Assert.InRange(full, 10, 25);
        Assert.Equal(0, Counters.TransmitRefused);
        Assert.Equal((32 - full, full), (_setup.UplinkPort.Counters.RxPackets, _setup.UplinkPort.Counters.RxDropped));
        foreach (byte[] frame in frames[..5])
        {
            Assert.Equal(frame, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }
    }

    [NetworkFact]
    public void A_frame_in_more_pieces_than_a_system_call_takes_is_refused()
    {
        Open();
        using var probe = new PacketProbe(_far, "v1");
        byte[] plain = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 1300);
        _setup.SendInPieces(plain, 1);
        _setup.SendInPieces(plain, 2);
        Assert.Equal(1, Counters.TransmitRefused);
        Assert.Equal(plain, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
    }

    [NetworkFact]
    public void A_partial_checksum_of_the_far_hosts_kernel_is_passed_on_or_completed()
    {
        Open();
        _far.Ip("addr add 10.9.0.1/24 dev v1");
        _far.Ip($"neigh add 10.9.0.2 lladdr {TestFrame.Mac(1)} dev v1");
        using var client = new KernelClient(_far);

        client.SendUdp("10.9.0.2", 400);
        byte[] completed = _setup.WaitFor(f => UplinkSetup.IsType(f, EtherType.IPv4));
        TestPacket.AssertSound(completed);
        _setup.Drain();

        _setup.Receiver.AcceptedOffloads = OffloadSet.Checksum;
        client.SendUdp("10.9.0.2", 400);
        byte[] partial = _setup.WaitFor(f => UplinkSetup.IsType(f, EtherType.IPv4));
        FrameOffload offload = _setup.Receiver.Offloads[_setup.Receiver.Frames.IndexOf(partial)];
        Assert.True(offload.NeedsChecksum);
        Assert.Equal((34, 6), (offload.ChecksumStart, offload.ChecksumOffset));
        byte[] expected = [.. partial];
        TestPacket.WritePartialChecksum(expected);
        Assert.Equal(expected, partial);
    }

    [NetworkFact]
    public void Checksums_and_segments_that_a_function_leaves_to_the_wire_arrive_sound()
    {
        Open();
        _far.Ip("addr add 10.0.0.2/24 dev v1");
        string address = _far.Ip("-o link show v1").Split("link/ether ")[1][..17];
        Assert.True(MacAddress.TryParse(address, out MacAddress far));
        using var client = new KernelClient(_far);
        client.Listen(80);
        foreach (int payload in (int[])[100, 5000])
        {
            byte[] packet = TestPacket.IPv4(tcp: false, payload);
            far.CopyTo(packet);
            _setup.Send(TestPacket.Offload(packet, payload > 1000 ? GsoType.UdpL4 : GsoType.None, payload > 1000 ? 1000 : 0), packet);
            byte[] received = client.Receive(payload);
            Assert.Equal(packet[^payload..], received);
        }

        Assert.Equal(2, Counters.TransmitCalls);
    }

    [NetworkFact]
    public void Carrier_follows_the_wire()
    {
        Open();
        _far.Ip("link set v1 down");
        _setup.PollUntil(() => !_setup.Vf.LinkUp, "carrier stayed");
        _setup.Switch.SetUplinkCarrier(true);
        _setup.Send(TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)));
        _far.Ip("link set v1 up");
        _setup.PollUntil(() => _setup.Uplink.HasCarrier, "carrier did not come back");
        Host.Ip("link set v0 down");
        _setup.PollUntil(() => !_setup.Uplink.HasCarrier, "carrier stayed");
        long before = Counters.TransmitRefused;
        _setup.Switch.SetUplinkCarrier(true);
        _setup.Send([.. Enumerable.Repeat(TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)), 20)]);
        Assert.Equal(20, Counters.TransmitRefused - before);

        Host.Ip("link set v0 up");
        _setup.PollUntil(() => _setup.Uplink.HasCarrier, "carrier did not come back");
        AssertReceives();
    }

    [NetworkFact]
    public void An_interface_that_vanishes_and_comes_back_is_used_again()
    {
        Open();
        Host.Ip("link del v0");
        _setup.PollUntil(() => !_setup.Uplink.HasCarrier, "carrier stayed");
        _setup.Switch.SetUplinkCarrier(true);
        _setup.Send(TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)));
        Assert.Equal(1, Counters.TransmitRefused);
        Assert.Equal(0, _setup.PollOnce());

        Host.AddVeth("v0", _far, "v1");
        _setup.PollUntil(() => _setup.Uplink.HasCarrier, "carrier did not come back");
        AssertReceives();
        Assert.Contains("promiscuity 1", Host.Ip("-d link show v0"), StringComparison.Ordinal);
    }

    [NetworkFact]
    public void An_interface_that_is_renamed_is_kept()
    {
        Open();
        Host.Ip("link set v0 down");
        Host.Ip("link set v0 name wan0");
        Host.Ip("link set wan0 up");
        _setup.PollUntil(() => _setup.Uplink.HasCarrier, "carrier did not come back");
        AssertReceives();
    }

    private void Open(int mtu = 1500)
    {
        Host.AddVeth("v0", _far, "v1", mtu);
        _setup.Open(UplinkOptions.Interface("v0"));
        _setup.PollUntil(() => _setup.Vf.LinkUp, "no carrier");
    }

    private void PollAll()
    {
        while (_setup.PollOnce() > 0)
        {
        }
    }

    private void AssertReceives()
    {
        using var probe = new PacketProbe(_far, "v1");
        byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 123);
        probe.Send(frame);
        Assert.Equal(frame, _setup.WaitFor(f => f.Length == 123));
        byte[] answer = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 234);
        _setup.Send(answer);
        Assert.Equal(answer, probe.WaitFor(f => f.Length == 234));
    }
}
