using System.Globalization;
using SoftIov.Api;
using SoftIov.Datapath;
using SoftIov.Devices.Nvme;

namespace SoftIov.Daemon.Composition;

/// <summary>Nvme adapters and their controllers as the control protocol shows them.</summary>
internal static class NvmeReport
{
    /// <summary>The PF or an enabled VF; null for a VF that a client of the adapter whole disabled just now.</summary>
    public static Api.NvmeFunctionStatus? Of(NvmePersonality nvme, SoftwareAdapter adapter, int? vf, NvmeVfSpec? policy)
    {
        if (adapter.Endpoint(vf) is not { } endpoint)
            return null;
        ServedFunction? served = adapter.Served(vf);
        ushort controller = vf is { } number ? ControllerId.OfVf(number) : ControllerId.Primary;
        Devices.Nvme.NvmeFunctionStatus? status = nvme.Function(vf)?.Status;
        bool isOnline = vf is not { } secondary || nvme.Subsystem.Secondaries[secondary].IsOnline;
        return new Api.NvmeFunctionStatus
        {
            Target = endpoint.Name,
            Vf = vf,
            RoutingId = endpoint.Dma.Requester.ToString(),
            ControllerId = controller,
            Online = isOnline,
            Policy = policy,
            IoQueues = status?.IoQueues ?? 0,
            Namespaces = [.. nvme.Subsystem.Record.Namespaces.Where(n => n.Controllers.Contains(controller)).Select(n => (int)n.Id)],
            Socket = served?.Path,
            Attachment = served?.Attachment,
            Driver = DriverState(status, isOnline),
            Counters = Counters(nvme.Function(vf)),
        };
    }

    /// <summary>The namespaces.</summary>
    public static IReadOnlyList<NamespaceStatus> Namespaces(NvmePersonality nvme, string adapter) =>
    [
        .. nvme.Subsystem.Record.Namespaces.Select(one => new NamespaceStatus(
            (int)one.Id,
            one.Length,
            one.Format == 0 ? 512 : 4096,
            one.IsShared,
            [.. one.Controllers.Select(c => ControllerId.ToVf(c) is >= 0 and var vf ? $"{adapter}/{vf}" : $"{adapter}/pf")],
            nvme.IsDeclared((int)one.Id) ? NamespaceOrigin.Configuration : NamespaceOrigin.Guest,
            one.Uuid,
            one.IsWriteProtected)),
    ];

    /// <summary>What only an nvme adapter has.</summary>
    public static IEnumerable<DescribeRow> AdapterRows(NvmePersonality nvme, NvmeAdapterSpec spec, IBlockStore store) =>
    [
        new("backing", $"{store.Name}, {ByteSize.About(store.Length)} in blocks of {store.BlockBytes}"),
        new("free capacity", ByteSize.About(nvme.Subsystem.UnallocatedCapacity)),
        new("NQN", nvme.Subsystem.Settings.Nqn),
        new("serial number", nvme.Subsystem.Settings.SerialNumber),
        new("vfMode", spec.VfMode.ToString().ToLowerInvariant()),
        new("doorbells", spec.Doorbells.ToString().ToLowerInvariant()),
    ];

    /// <summary>The namespaces in lines.</summary>
    public static DescribeSection NamespaceSection(NvmePersonality nvme, string adapter) => new(
        "namespaces",
        [
            .. Namespaces(nvme, adapter).Select(one => new DescribeRow(
                Text(one.Id),
                $"{ByteSize.Show(one.Size)} in blocks of {one.BlockSize}{(one.Shared ? ", shared" : "")}, "
                + $"{(one.AttachedTo.Count == 0 ? "nobody has it" : string.Join(", ", one.AttachedTo))}, uuid {one.Uuid}"
                + (one.Origin == NamespaceOrigin.Guest ? ", made by a guest" : ""))),
        ]);

    /// <summary>What only a controller has.</summary>
    public static IEnumerable<DescribeRow> FunctionRows(Api.NvmeFunctionStatus function) =>
    [
        new("controller id", Text(function.ControllerId)),
        new("state", function.Online ? "online" : "offline"),
        new("namespaces", function.Namespaces.Count == 0 ? "none" : string.Join(", ", function.Namespaces)),
    ];

    /// <summary>The controller's driver and its commands.</summary>
    public static IEnumerable<DescribeSection> Sections(NvmePersonality nvme, Api.NvmeFunctionStatus status)
    {
        if (nvme.Function(status.Vf) is { } function)
            yield return new("driver", DriverRows(function, status));
        yield return new("commands", CommandRows(status.Counters));
        IReadOnlyList<DescribeRow> latencies = [.. LatencyRows(status.Counters.Latency)];
        if (latencies.Count > 0)
            yield return new("latency of commands that waited for the backing", latencies);
    }

    private static string DriverState(Devices.Nvme.NvmeFunctionStatus? status, bool isOnline) => status switch
    {
        _ when !isOnline => "offline",
        null => "none",
        { IsFatal: true } => "fatal",
        { IsReady: true } => "ready",
        _ => "disabled",
    };

    private static List<DescribeRow> DriverRows(NvmeFunction function, Api.NvmeFunctionStatus status)
    {
        Devices.Nvme.NvmeFunctionStatus now = function.Status;
        return
        [
            new("state", status.Driver),
            new("CC", $"{now.Configuration:x8}"),
            new("CSTS", $"{now.ControllerStatus:x8}"),
            new("I/O queues", Text(now.IoQueues)),
            new("shadow doorbells", now.UsesShadowDoorbells ? "yes" : "no"),
            new("doorbells", Text(Volatile.Read(ref function.Counters.Doorbells))),
            new("internal errors", Text(Volatile.Read(ref function.Counters.InternalErrors))),
            new("invalid doorbells", Text(Volatile.Read(ref function.Counters.InvalidDoorbells))),
            new("interrupts", Text(Volatile.Read(ref function.Counters.Interrupts))),
            new("resets", Text(Volatile.Read(ref function.Counters.Resets))),
            new("fatal errors", Text(Volatile.Read(ref function.Counters.FatalErrors))),
        ];
    }

    private static List<DescribeRow> CommandRows(Api.NvmeCounters c) =>
    [
        new("reads", Text(c.Reads)),
        new("read bytes", Text(c.ReadBytes)),
        new("writes", Text(c.Writes)),
        new("written bytes", Text(c.WriteBytes)),
        new("flushes", Text(c.Flushes)),
        new("other I/O", Text(c.Others)),
        new("admin", Text(c.Admins)),
        new("errors", Text(c.Errors)),
        new("media errors", Text(c.MediaErrors)),
    ];

    private static IEnumerable<DescribeRow> LatencyRows(IReadOnlyList<long> latency)
    {
        for (int bucket = 0; bucket < latency.Count; bucket++)
        {
            bool isLast = bucket == latency.Count - 1;
            if (latency[bucket] > 0)
                yield return new(isLast ? "longer" : $"below {1L << bucket} us", Text(latency[bucket]));
        }
    }

    private static Api.NvmeCounters Counters(NvmeFunction? function)
    {
        if (function is null)
            return new Api.NvmeCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, []);
        Devices.Nvme.NvmeCounters c = function.Counters;
        long[] latency = new long[LatencyHistogram.BucketCount];
        for (int bucket = 0; bucket < latency.Length; bucket++)
            latency[bucket] = function.Latency[bucket];
        return new Api.NvmeCounters(
            Volatile.Read(ref c.Reads),
            Volatile.Read(ref c.ReadBytes),
            Volatile.Read(ref c.Writes),
            Volatile.Read(ref c.WriteBytes),
            Volatile.Read(ref c.Flushes),
            Volatile.Read(ref c.OtherCommands),
            Volatile.Read(ref c.AdminCommands),
            Volatile.Read(ref c.Errors),
            Volatile.Read(ref c.MediaErrors),
            latency);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
