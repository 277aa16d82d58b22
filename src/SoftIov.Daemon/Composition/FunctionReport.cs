using System.Globalization;
using SoftIov.Api;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Pcie;
using SoftIov.Transports.Uplinks;

namespace SoftIov.Daemon.Composition;

/// <summary>Adapters and functions as the control protocol shows them.</summary>
internal static class FunctionReport
{
    private const int Acknowledge = 1;
    private const int DriverOk = 4;
    private const int NeedsReset = 64;
    private const int Failed = 128;

    /// <summary>An adapter with its PF and enabled VFs.</summary>
    public static AdapterStatus Of(NetAdapter adapter)
    {
        var functions = new List<FunctionStatus>(adapter.VfCount + 1) { Of(adapter, null)! };
        for (int vf = 0; vf < adapter.VfCount; vf++)
        {
            if (Of(adapter, vf) is { } function)
                functions.Add(function);
        }

        AdapterSpec spec = adapter.Spec;
        return new AdapterStatus
        {
            Name = spec.Name,
            Personality = spec.Personality,
            TotalVfs = spec.TotalVfs,
            NumVfs = functions.Count - 1,
            WholeSocket = adapter.Whole?.Path,
            Whole = adapter.Whole?.Attachment,
            Mtu = spec.Mtu,
            QueuePairs = spec.QueuePairs,
            Uplink = new UplinkStatus(spec.Uplink.Kind, adapter.Uplink.LinkUp, spec.Uplink.Name),
            Functions = functions,
        };
    }

    /// <summary>The PF or an enabled VF; null for a VF that a client of the adapter whole disabled just now.</summary>
    public static FunctionStatus? Of(NetAdapter adapter, int? vf)
    {
        IEndpoint? endpoint = vf is { } asked ? adapter.Device.Vf(asked) : adapter.Device.Physical;
        SwitchPort? port = vf is { } number ? adapter.Ports.Virtual(number) : adapter.Ports.Physical;
        if (endpoint is null || port is null)
            return null;
        ServedFunction? served = adapter.Served(vf);
        return new FunctionStatus
        {
            Target = endpoint.Name,
            Vf = vf,
            RoutingId = endpoint.Dma.Requester.ToString(),
            Mac = port.MacAddress.ToString(),
            Policy = vf is { } policed ? adapter.Ports.PolicyOf(policed) : null,
            LinkUp = port.LinkUp,
            Socket = served?.Path,
            Attachment = served?.Attachment,
            Driver = adapter.Function(vf) is { } function ? DriverState(function.Status.DeviceStatus) : "none",
            Counters = Counters(port.Counters),
        };
    }

    /// <summary>Everything about a function, for people.</summary>
    public static IReadOnlyList<DescribeSection> Describe(NetAdapter adapter, int? vf)
    {
        if (Of(adapter, vf) is not { } status)
            return [];
        var sections = new List<DescribeSection>
        {
            new("function", FunctionRows(adapter, status)),
        };
        if (status.Policy is { } policy)
            sections.Add(new("policy", PolicyRows(policy)));
        if (adapter.Function(vf) is { } function)
            sections.Add(new("driver", DriverRows(function)));
        sections.Add(new("traffic", TrafficRows(status.Counters)));
        return sections;
    }

    /// <summary>Everything about an adapter, for people.</summary>
    public static IReadOnlyList<DescribeSection> Describe(NetAdapter adapter)
    {
        AdapterSpec spec = adapter.Spec;
        return
        [
            new("adapter",
            [
                new("name", spec.Name),
                new("personality", "net"),
                new("totalVfs", Text(spec.TotalVfs)),
                new("numVfs", Text(adapter.VfCount)),
                new("whole", adapter.Whole is not { } whole
                    ? "no"
                    : whole.Attachment is { } client ? $"process {client.ProcessId} ({client.Command ?? "unknown"})" : $"at {whole.Path}"),
                new("uplink", $"{spec.Uplink} ({(adapter.Uplink.LinkUp ? "up" : "down")})"),
                new("mtu", Text(spec.Mtu)),
                new("line rate", spec.LineRateMegabits == 0 ? "no limit" : $"{spec.LineRateMegabits} Mbit/s"),
                new("queuePairs", Text(spec.QueuePairs)),
                new("PF", adapter.Device.PhysicalId.ToString()),
            ]),
            new("isolation",
            [
                new("refused DMA and interrupts", Text(adapter.Device.Faults.Total)),
                new("software errors at the PF", Text(adapter.Device.SoftwareErrors)),
            ]),
            new("uplink traffic", [.. TrafficRows(Counters(adapter.Uplink.Counters)), .. LossRows(adapter.Uplink.Losses)]),
        ];
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

    private static List<DescribeRow> FunctionRows(NetAdapter adapter, FunctionStatus status)
    {
        AttachmentStatus? attachment = status.Attachment;
        ServedFunction? served = adapter.Served(status.Vf);
        List<DescribeRow> rows =
        [
            new("target", status.Target),
            new("routing id", status.RoutingId),
            new("mac", status.Mac),
            new("link", status.LinkUp ? "up" : "down"),
            new("socket", status.Socket ?? "none"),
            new("lease", LeaseOf(served)),
            new("attached", attachment is null
                ? "nobody"
                : $"{attachment.By}: process {attachment.ProcessId} ({attachment.Command ?? "unknown"}), user {attachment.UserId}"),
        ];
        if (attachment is not null && served is not null)
        {
            rows.Add(new("since", attachment.Since.ToString("u", CultureInfo.InvariantCulture)));
            rows.Add(new("mapped memory", $"{attachment.MappedBytes >> 20} MiB in {served.Endpoint.Dma.Count} mappings"));
            rows.Add(new("bus master", served.Endpoint.Dma.BusMasterEnable ? "on" : "off"));
        }

        return rows;
    }

    private static string LeaseOf(ServedFunction? served) => served switch
    {
        null => "whoever has the adapter whole",
        { Owner: { } owner } => $"user {owner}",
        _ => "root and the daemon's user",
    };

    private static List<DescribeRow> PolicyRows(VfSpec policy)
    {
        var rows = new List<DescribeRow>();
        foreach (Configuration.Setting<VfSpec> setting in Configuration.VfSettings.All)
            rows.Add(new(setting.Key, setting.Show(policy)));
        return rows;
    }

    private static List<DescribeRow> DriverRows(NetFunction function)
    {
        NetFunctionStatus status = function.Status;
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

    private static List<DescribeRow> TrafficRows(FunctionCounters c) =>
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

    private static FunctionCounters Counters(PortCounters c) => new(
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
