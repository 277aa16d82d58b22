using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using SoftIov.Datapath;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Everything as in the daemon: poller threads that sleep in epoll, two kernels that talk through the switch.</summary>
public sealed class UplinkConnectionTests : IDisposable
{
    private const OffloadSet All =
        OffloadSet.Checksum | OffloadSet.TcpV4 | OffloadSet.TcpV6 | OffloadSet.TcpEcn | OffloadSet.UdpV4 | OffloadSet.UdpV6;

    private readonly NetworkNamespace _host = new();
    private readonly NetworkNamespace _far = new();
    private readonly EpollSleep[] _sleeps = [new EpollSleep(), new EpollSleep()];
    private readonly PollScheduler _scheduler;
    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly SwitchPort _vf;
    private readonly Uplinks _uplinks;
    private UplinkConnection? _connection;
    private KernelGuest? _guest;

    public UplinkConnectionTests()
    {
        _uplinks = _host.Run(() => new Uplinks());
        _scheduler = new PollScheduler(_sleeps, new PollSettings(), TimeProvider.System);
        _scheduler.PollableFaulted += (_, broken) => Fault = broken;
        _vf = _switch.AddFunctionPort(1, VfPolicy.Default, TestFrame.Mac(1));
        _vf.ReceiverFaulted += (_, broken) => Fault = broken;
    }

    private Exception? Fault { get; set; }

    public void Dispose()
    {
        _guest?.Dispose();
        _connection?.Dispose();
        _scheduler.Dispose();
        _uplinks.Dispose();
        _host.Dispose();
        _far.Dispose();
        Assert.Null(Fault);
    }

    [NetworkFact]
    public void Kernels_ping_each_other_through_a_tap()
    {
        NetworkNamespace host = ConnectTap(1500);
        Ping(host, "10.0.0.2", 56);
        Ping(_guest!.Host, "10.0.0.1", 1472);
    }

    [NetworkFact]
    public void Kernels_ping_each_other_over_the_wire_of_a_host_interface()
    {
        NetworkNamespace far = ConnectInterface(9000);
        Ping(far, "10.0.0.2", 56);
        Ping(_guest!.Host, "10.0.0.1", 8972);
    }

    [NetworkFact]
    public void Tcp_over_a_tap_to_a_guest_without_offloads() => TransferBothWays(ConnectTap(1500), 1514);

    [NetworkFact]
    public void Tcp_over_a_tap_with_jumbo_frames() => TransferBothWays(ConnectTap(9000), 9014);

    [NetworkFact]
    public void Tcp_over_a_tap_to_a_guest_with_offloads()
    {
        NetworkNamespace host = ConnectTap(1500);
        _guest!.AcceptedOffloads = All;
        TransferBothWays(host, 65_550);
        Assert.True(_guest.Partial > 0);
    }

    [NetworkFact]
    public void Tcp_over_a_host_interface_to_a_guest_without_offloads() => TransferBothWays(ConnectInterface(1500), 1514);

    [NetworkFact]
    public void Tcp_over_a_host_interface_to_a_guest_with_offloads()
    {
        NetworkNamespace far = ConnectInterface(1500);
        _guest!.AcceptedOffloads = All;
        TransferBothWays(far, 65_550);
        Assert.True(_guest.Partial > 0);
    }

    [NetworkFact]
    public void An_uplink_that_nobody_uses_is_not_polled()
    {
        var counting = new CountingUplink(_host.Run(() => _uplinks.Open(UplinkOptions.Tap("t0", create: true))));
        _connection = UplinkConnection.Connect(counting, _switch, _scheduler, _sleeps, poller: 1);
        Assert.True(SpinWait.SpinUntil(() => counting.Arms > 0, TimeSpan.FromSeconds(20)));
        using var probe = new PacketProbe(_host, "t0");
        int polls = counting.Polls;
        Thread.Sleep(100);
        Assert.Equal(polls, counting.Polls);
        for (int i = 1; i <= 20; i++)
        {
            probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9)));
            Assert.True(SpinWait.SpinUntil(() => _connection.Port!.Counters.TxPackets == i, TimeSpan.FromSeconds(20)), "a frame was slept over");
        }
    }

    [NetworkFact]
    public void Frames_wake_a_poller_that_another_pollable_keeps_busy()
    {
        _connection = UplinkConnection.Connect(
            _host.Run(() => _uplinks.Open(UplinkOptions.Tap("t0", create: true))), _switch, _scheduler, _sleeps, poller: 1);
        PollHandle busy = _scheduler.Add(new ScriptedPollable { OnPoll = _ => 1 }, "busy", 1);
        using var probe = new PacketProbe(_host, "t0");
        for (int i = 1; i <= 20; i++)
        {
            probe.Send(TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(9)));
            Assert.True(SpinWait.SpinUntil(() => _connection.Port!.Counters.TxPackets == i, TimeSpan.FromSeconds(20)), "a frame was not noticed");
        }

        _scheduler.Remove(busy);
    }

    [NetworkFact]
    public void An_uplink_taken_out_of_service_is_gone_and_another_can_follow()
    {
        for (int i = 0; i < 3; i++)
        {
            ConnectUplink(UplinkOptions.Tap($"t{i}", create: true));
            _host.Ip($"link set t{i} down");
            Assert.True(SpinWait.SpinUntil(() => !_vf.LinkUp, TimeSpan.FromSeconds(20)));
            _connection!.Dispose();
            _connection = null;
            Assert.True(_vf.LinkUp);
            Assert.True(_host.IsRidOf($"t{i}"));
        }

        ConnectUplink(UplinkOptions.None);
        Assert.Null(_connection!.Port);
        Assert.True(_vf.LinkUp);
    }

    private static void Ping(NetworkNamespace from, string address, int bytes) => from.Run(() =>
    {
        using var ping = new Ping();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(IPStatus.Success, ping.Send(IPAddress.Parse(address), 20_000, new byte[bytes]).Status);
        }
    });

    /// <summary>The host has 10.0.0.1 on its tap, the guest 10.0.0.2.</summary>
    private NetworkNamespace ConnectTap(int mtu)
    {
        _host.EnableIPv6(true);
        ConnectUplink(UplinkOptions.Tap("t0", create: true, mtu));
        AddAddresses(_host, "t0", mtu);
        return _host;
    }

    /// <summary>Somebody on the wire of the host's interface has 10.0.0.1, the guest 10.0.0.2; the host itself has nothing to do with it.</summary>
    private NetworkNamespace ConnectInterface(int mtu)
    {
        _far.EnableIPv6(true);
        _host.AddVeth("v0", _far, "v1", mtu);
        ConnectUplink(UplinkOptions.Interface("v0"));
        AddAddresses(_far, "v1", mtu);
        return _far;
    }

    private void ConnectUplink(UplinkOptions options) =>
        _connection = UplinkConnection.Connect(_host.Run(() => _uplinks.Open(options)), _switch, _scheduler, _sleeps, poller: 0);

    private void AddAddresses(NetworkNamespace peer, string name, int mtu)
    {
        peer.Ip($"addr add 10.0.0.1/24 dev {name}");
        peer.Ip($"addr add fd00::1/64 dev {name} nodad");
        _guest = new KernelGuest(_vf, _scheduler, _sleeps[1], 1, mtu);
        _guest.Host.Ip("addr add 10.0.0.2/24 dev eth0");
        _guest.Host.Ip("addr add fd00::2/64 dev eth0 nodad");
    }

    /// <summary>
    /// What arrives is what was sent, by IPv4 and IPv6; the sender's kernel left the segmentation to the uplink, and the guest got frames that
    /// are no longer than it can take.
    /// </summary>
    private void TransferBothWays(NetworkNamespace peer, int longest)
    {
        foreach (string network in (string[])["10.0.0.", "fd00::"])
        {
            Transfer(peer, _guest!.Host, network + "2");
            Transfer(_guest.Host, peer, network + "1");
        }

        Assert.Null(_guest!.Unsound);
        Assert.InRange(_guest.Longest, Math.Min(longest, 10_000) - 20, longest);
        PortCounters counters = _connection!.Port!.Counters;
        string sum = $"{counters.TxBytes} bytes in {counters.TxPackets} frames";
        Assert.True(counters.TxBytes > 3000 * counters.TxPackets / 2, $"{sum}: no segmentation was left to us");
    }

    private static void Transfer(NetworkNamespace from, NetworkNamespace to, string address)
    {
        IPAddress server = IPAddress.Parse(address);
        byte[] data = new byte[4 << 20];
        new Random(data.Length).NextBytes(data);
        using Socket listener = to.Run(() => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(server, 5001));
        listener.Listen();
        using Socket sender = from.Run(() => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        sender.Connect(new IPEndPoint(server, 5001));
        using Socket receiver = listener.Accept();
        receiver.ReceiveTimeout = 30_000;
        Task sending = Task.Run(() =>
        {
            sender.Send(data);
            sender.Shutdown(SocketShutdown.Send);
        });
        byte[] received = new byte[data.Length];
        int at = 0;
        for (int n; (n = receiver.Receive(received.AsSpan(at))) > 0;)
        {
            at += n;
        }

        sending.Wait();
        Assert.True(data.AsSpan().SequenceEqual(received), $"{at} of {data.Length} bytes, or not those");
    }
}
