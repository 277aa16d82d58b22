using System.Globalization;
using SoftIov.Api;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Pcie;
using SoftIov.Transports.Uplinks;

namespace SoftIov.Daemon.Composition;

/// <summary>Net adapters and their functions as the control protocol shows them.</summary>
internal static class NetReport
{
    private const int Acknowledge = 1;
    private const int DriverOk = 4;
    private const int NeedsReset = 64;
    private const int Failed = 128;

    /// <summary>The PF or an enabled VF; null for a VF that a client of the adapter whole disabled just now.</summary>
    public static Api.NetFunctionStatus? Of(NetPersonality net, SoftwareAdapter adapter, int? vf)
    {
        IEndpoint? endpoint = adapter.Endpoint(vf);
        SwitchPort? port = vf is { } number ? net.Ports.Virtual(number) : net.Ports.Physical;
        if (endpoint is null || port is null)
            return null;
        ServedFunction? served = adapter.Served(vf);
        return new Api.NetFunctionStatus
        {
            Target = endpoint.Name,
            Vf = vf,
            RoutingId = endpoint.Dma.Requester.ToString(),
            Mac = port.MacAddress.ToString(),
            Policy = vf is { } policed ? net.Ports.PolicyOf(policed) : null,
            LinkUp = port.LinkUp,
            Socket = served?.Path,
            Attachment = served?.Attachment,
            Driver = net.Function(vf) is { } function ? DriverState(function.Status.DeviceStatus) : "none",
            Counters = Counters(port.Counters),
        };
    }

    /// <summary>What only a net adapter has.</summary>
    public static IEnumerable<DescribeRow> AdapterRows(NetPersonality net, NetAdapterSpec spec) =>
    [
        new("uplink", $"{net.Uplink.Spec} ({(net.Uplink.LinkUp ? "up" : "down")})"),
        new("mtu", Text(spec.Mtu)),
        new("line rate", net.Ports.Switch.LineRateMegabits == 0 ? "no limit" : $"{net.Ports.Switch.LineRateMegabits} Mbit/s"),
    ];

    /// <summary>What went through the uplink.</summary>
    public static DescribeSection UplinkTraffic(UplinkSlot uplink) =>
        new("uplink traffic", [.. TrafficRows(Counters(uplink.Counters)), .. LossRows(uplink.Losses)]);

    /// <summary>What only a network function has.</summary>
    public static IEnumerable<DescribeRow> FunctionRows(Api.NetFunctionStatus function) =>
        [new("mac", function.Mac), new("link", function.LinkUp ? "up" : "down")];

    /// <summary>The function's driver and traffic.</summary>
    public static IEnumerable<DescribeSection> Sections(NetPersonality net, Api.NetFunctionStatus status)
    {
        if (net.Function(status.Vf) is { } function)
            yield return new("driver", DriverRows(function));
        yield return new("traffic", TrafficRows(status.Counters));
    }

    private static IEnumerable<DescribeRow> LossRows(UplinkCounters? losses) => losses is null ? [] :
    [
        new("lost before the switch", Text(losses.ReceiveLost)),
        new("host had no room", Text(losses.TransmitFull)),
        new("host refused", Text(losses.TransmitRefused)),
    ];

    private static string DriverState(int status) => status switch
    {
        _ when (status & Failed) != 0 => "failed",
        _ when (status & NeedsReset) != 0 => "needs-reset",
        _ when (status & DriverOk) != 0 => "driver-ok",
        _ when (status & Acknowledge) != 0 => "acknowledged",
        _ => "reset",
    };

    private static List<DescribeRow> DriverRows(NetFunction function)
    {
        Devices.Virtio.Net.NetFunctionStatus status = function.Status;
        return
        [
            new("state", DriverState(status.DeviceStatus)),
            new("features", status.Features.ToString()),
            new("queue pairs in use", Text(status.ActivePairs)),
            new("control commands", $"{function.Counters.ControlCommands}, {function.Counters.ControlErrors} refused"),
            new("malformed transmit requests", Text(function.Counters.TransmitMalformed)),
            new("frames without receive buffer", Text(function.Counters.ReceiveNoBuffer)),
            new("doorbells", Text(function.Counters.Transport.Kicks)),
            new("interrupts", Text(function.Counters.Transport.QueueInterrupts)),
            new("resets", Text(function.Counters.Transport.Resets)),
            new("faults", Text(function.Counters.Transport.Faults)),
        ];
    }

    private static List<DescribeRow> TrafficRows(NetCounters c) =>
    [
        new("rx packets", Text(c.RxPackets)),
        new("rx bytes", Text(c.RxBytes)),
        new("rx dropped", Text(c.RxDropped)),
        new("tx packets", Text(c.TxPackets)),
        new("tx bytes", Text(c.TxBytes)),
        new("tx dropped", Text(c.TxDropped)),
        new("spoof dropped", Text(c.SpoofDropped)),
        new("vlan dropped", Text(c.VlanDropped)),
        new("multicast", Text(c.Multicast)),
        new("broadcast", Text(c.Broadcast)),
    ];

    private static NetCounters Counters(PortCounters c) => new(
        Volatile.Read(ref c.RxPackets),
        Volatile.Read(ref c.RxBytes),
        Volatile.Read(ref c.TxPackets),
        Volatile.Read(ref c.TxBytes),
        Volatile.Read(ref c.Multicast),
        Volatile.Read(ref c.Broadcast),
        Volatile.Read(ref c.RxDropped),
        Volatile.Read(ref c.TxDropped),
        Volatile.Read(ref c.SpoofDropped),
        Volatile.Read(ref c.VlanDropped));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
