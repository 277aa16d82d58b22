using SoftIov.Datapath;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class TapUplinkTests : IDisposable
{
    private readonly UplinkSetup _setup = new();

    private NetworkNamespace Host => _setup.Host;

    public void Dispose() => _setup.Dispose();

    [NetworkFact]
    public void A_tap_is_made_up_with_the_mtu_asked_for_and_goes_with_the_uplink()
    {
        IUplink uplink = _setup.OpenAlone(UplinkOptions.Tap("t0", create: true, mtu: 9000));
        Assert.Equal("t0", uplink.Name);
        Assert.True(uplink.HasCarrier);
        string shown = Host.Ip("-d link show t0");
        Assert.Contains(",UP,LOWER_UP> mtu 9000", shown, StringComparison.Ordinal);
        Assert.Contains("type tap pi off vnet_hdr on", shown, StringComparison.Ordinal);
        uplink.Dispose();
        Assert.True(Host.IsRidOf("t0"));
    }

    [NetworkFact]
    public void A_tap_that_exists_is_used_as_it_is_and_stays()
    {
        Host.Ip("tuntap add dev t0 mode tap");
        Host.Ip("link set t0 mtu 1400");
        IUplink uplink = _setup.OpenAlone(UplinkOptions.Tap("t0", create: true, mtu: 9000));
        Assert.Contains(",UP,LOWER_UP> mtu 1400", Host.Ip("link show t0"), StringComparison.Ordinal);
        uplink.Dispose();
        Assert.Contains("t0", Host.Ip("link show t0"), StringComparison.Ordinal);
    }

    [NetworkFact]
    public void A_tap_for_many_queues_is_taken_too()
    {
        Host.Ip("tuntap add dev t0 mode tap multi_queue");
        using IUplink uplink = _setup.OpenAlone(UplinkOptions.Tap("t0"));
        Assert.True(SpinWait.SpinUntil(() => uplink.HasCarrier, TimeSpan.FromSeconds(20)));
    }

    [NetworkFact]
    public void Frames_of_the_host_reach_the_function()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        using var probe = new PacketProbe(Host, "t0");
        foreach (int length in (int[])[14, 60, 1514])
        {
            byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), length);
            probe.Send(frame);
            Assert.Equal(frame, _setup.WaitFor(f => f.Length == length && UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }

        Assert.Equal(0, _setup.Uplink.Counters.ReceiveLost);
    }

    [NetworkFact]
    public void Frames_of_the_function_reach_the_host()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        using var probe = new PacketProbe(Host, "t0");
        byte[][] frames = [.. Enumerable.Range(0, 32).Select(i => TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 60 + 45 * i))];
        _setup.Send(frames);
        foreach (byte[] frame in frames)
        {
            Assert.Equal(frame, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        }

        Assert.Equal(32, _setup.UplinkPort.Counters.RxPackets);
        Assert.Equal(32, _setup.Uplink.Counters.TransmitCalls);
    }

    [NetworkFact]
    public void Vlan_tags_pass_both_ways()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        using var probe = new PacketProbe(Host, "t0");
        byte[] inner = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 100);
        foreach (byte[] frame in (byte[][])[TestFrame.Tagged(inner, 5, 3), TestFrame.Tagged(TestFrame.Tagged(inner, 7), 6, 0, EtherType.ServiceTag)])
        {
            probe.Send(frame);
            Assert.Equal(frame, _setup.WaitFor(f => f.Length == frame.Length));
        }

        _setup.Vf.Policy = VfPolicy.Physical with { Vlan = 100, Qos = 5 };
        byte[] plain = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 200);
        _setup.Send(plain);

        // The kernel has taken the tag off by the time a packet socket sees the frame.
        Assert.Equal(plain, probe.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        probe.Send(TestFrame.Tagged(inner, 100));
        Assert.Equal(inner, _setup.WaitFor(f => f.Length == 100));
    }

    [NetworkFact]
    public void Jumbo_frames_pass()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true, mtu: 9000));
        using var probe = new PacketProbe(Host, "t0");
        byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9), 9014);
        probe.Send(frame);
        Assert.Equal(frame, _setup.WaitFor(f => f.Length == 9014));
        byte[] answer = TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1), 9014);
        _setup.Send(answer);
        Assert.Equal(answer, probe.WaitFor(f => f.Length == 9014));
    }

    [NetworkFact]
    public void Frames_are_lost_and_counted_while_the_tap_is_down()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        Host.Ip("link set t0 down");
        _setup.PollUntil(() => !_setup.Uplink.HasCarrier, "carrier stayed");
        _setup.Switch.SetUplinkCarrier(true);
        _setup.Send(TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)), TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)));
        Assert.Equal(2, _setup.Uplink.Counters.TransmitRefused);
        Assert.Equal(2, _setup.UplinkPort.Counters.RxDropped);
        Assert.Equal(0, _setup.UplinkPort.Counters.RxPackets);
    }

    [NetworkFact]
    public void Carrier_follows_the_tap()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        Assert.True(_setup.Vf.LinkUp);
        Host.Ip("link set t0 down");
        _setup.PollUntil(() => !_setup.Vf.LinkUp, "carrier stayed");
        Host.Ip("link set t0 up");
        _setup.PollUntil(() => _setup.Vf.LinkUp, "carrier did not come back");
        Host.Ip("link set t0 down");
        _setup.PollUntil(() => !_setup.Vf.LinkUp, "carrier stayed");
        Host.Ip("link set t0 name renamed");
        Host.Ip("link set renamed up");
        _setup.PollUntil(() => _setup.Vf.LinkUp, "carrier did not come back under another name");
    }

    [NetworkFact]
    public void A_tap_that_is_deleted_and_made_again_is_used_again()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        Host.Ip("link del t0");
        _setup.PollUntil(() => !_setup.Uplink.HasCarrier, "carrier stayed");
        Assert.Equal(0, _setup.PollOnce());
        _setup.Switch.SetUplinkCarrier(true);
        _setup.Send(TestFrame.Plain(TestFrame.Mac(9), TestFrame.Mac(1)));
        Assert.Equal(1, _setup.Uplink.Counters.TransmitRefused);

        Host.Ip("tuntap add dev t0 mode tap");
        Host.Ip("link set t0 up");
        _setup.PollUntil(() => _setup.Uplink.HasCarrier, "carrier did not come back");
        using var probe = new PacketProbe(Host, "t0");
        byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9));
        probe.Send(frame);
        Assert.Equal(frame, _setup.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
    }

    [NetworkFact]
    public void A_tap_moved_into_another_namespace_works_on()
    {
        using var container = new NetworkNamespace();
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        Host.Ip($"link set t0 netns /proc/{Environment.ProcessId}/task/{container.ThreadId}/ns/net");
        container.Ip("link set t0 up");
        using var probe = new PacketProbe(container, "t0");
        byte[] frame = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9));
        probe.Send(frame);
        Assert.Equal(frame, _setup.WaitFor(f => UplinkSetup.IsType(f, TestFrame.LocalExperimental)));
        Assert.True(_setup.Uplink.HasCarrier);
    }
}
