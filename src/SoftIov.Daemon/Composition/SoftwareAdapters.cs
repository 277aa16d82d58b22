using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Faults;
using SoftIov.Daemon.Hosting;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>The adapters that this daemon is: made, changed, asked and attached.</summary>
internal sealed class SoftwareAdapters(AdapterContext context) : IAdapters, IDisposable
{
    private const int BarCount = 6;

    private readonly SortedDictionary<string, SoftwareAdapter> _adapters = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<CurrentAdapter> Current => [.. _adapters.Values.Select(a => a.Current)];

    /// <inheritdoc/>
    public void AddAdapter(AdapterSpec spec)
    {
        _adapters.Add(spec.Name, SoftwareAdapter.Start(context, spec));
        Publish(EventKind.AdapterAdded, spec.Name, $"TotalVFs {spec.TotalVfs}, {PersonalityRules.Of(spec).Summary(spec)}");
    }

    /// <inheritdoc/>
    public void RemoveAdapter(string adapter)
    {
        Find(adapter).Dispose();
        _adapters.Remove(adapter);
        Publish(EventKind.AdapterRemoved, adapter, "removed");
    }

    /// <inheritdoc/>
    public void EnableVfs(string adapter, int count)
    {
        Find(adapter).EnableVfs(count);
        Publish(EventKind.VfsEnabled, adapter, $"{count} VFs");
    }

    /// <inheritdoc/>
    public void DisableVfs(string adapter)
    {
        Find(adapter).DisableVfs();
        Publish(EventKind.VfsDisabled, adapter, "no VFs");
    }

    /// <inheritdoc/>
    public void GiveAway(string adapter)
    {
        Find(adapter).GiveAway();
        Publish(EventKind.AdapterChanged, adapter, "served whole");
    }

    /// <inheritdoc/>
    public void TakeBack(string adapter)
    {
        Find(adapter).TakeBack();
        Publish(EventKind.AdapterChanged, adapter, "functions served singly");
    }

    /// <inheritdoc/>
    public void ChangePolicy(string adapter, int vf, VfSpec policy)
    {
        SoftwareAdapter changed = Find(adapter);
        string difference = PersonalityRules.Of(changed.Spec).Difference(changed.Spec.Vf(vf), policy);
        changed.ChangePolicy(vf, policy);
        Publish(EventKind.PolicyChanged, $"{adapter}/{vf}", difference);
    }

    /// <inheritdoc/>
    public void Change(AdapterChange change) =>
        Publish(EventKind.AdapterChanged, change.Adapter, Find(change.Adapter).Personality.Change(change));

    /// <inheritdoc/>
    public IReadOnlyList<AdapterStatus> Status() => [.. _adapters.Values.Select(a => AdapterReport.Of(a))];

    /// <inheritdoc/>
    public IReadOnlyList<PollerStats> Pollers() => context.Pollers.All;

    /// <inheritdoc/>
    public IReadOnlyList<DescribeSection> Describe(TargetName target)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        bool isFunction = target.Part is TargetPart.Pf or TargetPart.Vf;
        List<DescribeSection> sections =
            [.. isFunction ? AdapterReport.Describe(adapter, FindFunction(adapter, target)) : AdapterReport.Describe(adapter)];
        if (isFunction)
            sections.AddRange(context.Pollers.QueuesOf(target.ToString()));
        else
            sections.Add(context.Pollers.Section());
        if (target.Part != TargetPart.Uplink && FaultsInForce.In(adapter, target) is { Count: > 0 } faults)
            sections.Add(new("injected faults", [.. faults.Select(f => new DescribeRow($"{f.Target} {f.Fault}", f.Left))]));
        if (context.Events.Last(target.ToString(), 10) is { Count: > 0 } last)
            sections.Add(EventRows(last));
        return sections;
    }

    /// <inheritdoc/>
    public LspciResult Lspci(TargetName target, FunctionView view, int from)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        ConfigView which = view == FunctionView.Fabric ? ConfigView.Fabric : ConfigView.Assigned;
        if (target.Part is not TargetPart.Adapter)
            return new LspciResult(adapter.Device.Dump(FindFunction(adapter, target), which));
        int? next = from >= 0 && from < adapter.VfCount ? from + 1 : null;
        if (from != 0)
            return new LspciResult(adapter.Device.Dump(from - 1, which), next);
        string port = adapter.Whole is not null && which == ConfigView.Fabric ? adapter.Device.DumpPort() : "";
        return new LspciResult(port + adapter.Device.Dump(null, which), next);
    }

    /// <inheritdoc/>
    public FunctionStatus Function(TargetName target)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        return AdapterReport.Of(adapter, FindFunction(adapter, target)) ?? throw Gone(target);
    }

    /// <inheritdoc/>
    public bool HasMsix(TargetName target)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        return ServedIn(adapter, target).HasMsix;
    }

    /// <inheritdoc/>
    public VhostUserDevice? RingsOf(TargetName target)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        if (target.Part != TargetPart.Vf || adapter.Served(FindFunction(adapter, target)) is not { Transport: TransportName.VhostUser } served)
            return null;
        return adapter.Personality is NetPersonality net && net.Function(target.Vf) is { } function
            ? new VhostUserDevice(
                served.Path, !served.IsListening, function.Status.Mac.ToString(), function.Rings.RingCount / 2, function.Rings.Mtu)
            : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PciBar> BarsOf(TargetName target)
    {
        IEndpoint endpoint = ServedIn(Find(target.Adapter), target).Endpoint;
        return
        [
            .. Enumerable.Range(0, BarCount).Select(endpoint.Bar).Where(bar => bar.Kind != BarKind.None)
                .Select(bar => new PciBar((long)bar.Size, bar.Kind == BarKind.Memory64Prefetchable)),
        ];
    }

    /// <inheritdoc/>
    public void Lease(TargetName target, uint? userId)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        adapter.Lease(target.Part == TargetPart.Adapter ? null : FindFunction(adapter, target), userId);
    }

    /// <inheritdoc/>
    public uint? OwnerOf(TargetName target) => ServedIn(Find(target.Adapter), target).Owner;

    /// <inheritdoc/>
    public void Disconnect(TargetName target, string reason)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        ServedIn(adapter, target).Disconnect(reason);
    }

    /// <inheritdoc/>
    public InjectResult Inject(TargetName target, string? fault, IReadOnlyDictionary<string, string> values)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        if (target.Part == TargetPart.Uplink)
            throw FaultPlace.Refused("nothing is injected into an uplink", "name an adapter or one of its functions");
        int vfs = adapter.VfCount;
        string? done = fault is null ? null : FaultTable.Inject(new FaultPlace(adapter, target), fault, values);
        if (done is not null)
            Publish(EventKind.FaultInjected, target.ToString(), done);
        if (vfs > 0 && adapter.VfCount == 0)
            Publish(EventKind.VfsDisabled, target.Adapter, "no VFs, by a fault that was injected");
        return new InjectResult(target.ToString(), FaultsInForce.In(adapter, target), done);
    }

    /// <inheritdoc/>
    public IAsyncDisposable Capture(TargetName target, int snapLengthBytes, CaptureSink sink)
    {
        SoftwareAdapter adapter = Find(target.Adapter);
        NetPersonality net = adapter.Personality as NetPersonality ?? throw ControlException.Because(
            ControlErrorCode.InvalidParameters, $"{target.Adapter} moves no frames", "name a net adapter's function or uplink");
        Datapath.SwitchPort port = target.Part == TargetPart.Uplink
            ? net.Uplink.Port ?? throw ControlException.Because(
                ControlErrorCode.NotFound, $"{target.Adapter} has no uplink", $"softiov set {target.Adapter} uplink=tap:NAME:create")
            : FindFunction(adapter, target) is { } vf ? net.Ports.Virtual(vf) ?? throw Gone(target) : net.Ports.Physical;
        return PortCapture.Start(port, target, snapLengthBytes, sink, context.Time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SoftwareAdapter adapter in _adapters.Values)
            adapter.Dispose();
        _adapters.Clear();
    }

    private static ServedFunction ServedIn(SoftwareAdapter adapter, TargetName target)
    {
        ServedFunction? served = target.Part == TargetPart.Adapter ? adapter.Whole : adapter.Served(FindFunction(adapter, target));
        return served ?? throw ControlException.Because(
            ControlErrorCode.InvalidParameters,
            adapter.Whole is null ? $"{target} is not served whole" : $"{target} is not served singly: {target.Adapter} is for one VM whole",
            adapter.Whole is null ? $"softiov set {target.Adapter} whole=true" : $"softiov set {target.Adapter} whole=false");
    }

    private static ControlException Gone(TargetName target) =>
        ControlException.Because(ControlErrorCode.NotFound, $"{target} is gone", "its VFs were disabled just now; look at softiov get");

    private static DescribeSection EventRows(IReadOnlyList<DaemonEvent> events) => new(
        "last events",
        [.. events.Select(e => new DescribeRow(e.Time.ToString("u", null), $"{e.Target}: {e.Kind}: {e.Message}"))]);

    private void Publish(EventKind kind, string target, string message) => context.Events.Publish(kind, target, message);

    private SoftwareAdapter Find(string name) => _adapters.GetValueOrDefault(name) ?? throw ControlException.Because(
        ControlErrorCode.NotFound,
        $"there is no adapter '{name}'",
        _adapters.Count == 0 ? "apply a configuration first" : Spelling.Suggest(name, _adapters.Keys));

    private static string HowToEnable(SoftwareAdapter adapter, TargetName target)
    {
        if (target.Vf >= adapter.Spec.TotalVfs)
            return $"name a VF in 0 to {adapter.Spec.TotalVfs - 1}";
        return adapter.Whole is null
            ? $"softiov set {target.Adapter} numVfs={target.Vf + 1}"
            : $"its VFs are enabled in the VM that has it whole: echo {target.Vf + 1} > /sys/bus/pci/devices/.../sriov_numvfs";
    }

    /// <summary>VF number of a target, null for the PF; throws when the target is no function that is there.</summary>
    private static int? FindFunction(SoftwareAdapter adapter, TargetName target)
    {
        switch (target.Part)
        {
            case TargetPart.Pf:
                return null;
            case TargetPart.Vf when target.Vf < adapter.VfCount:
                return target.Vf;
            case TargetPart.Vf:
                throw ControlException.Because(
                    ControlErrorCode.NotFound,
                    $"{target} is not enabled: {target.Adapter} has {adapter.VfCount} of {adapter.Spec.TotalVfs} VFs",
                    HowToEnable(adapter, target));
            default:
                throw ControlException.Because(
                    ControlErrorCode.InvalidParameters,
                    $"'{target}' is no function",
                    $"name a VF ({target.Adapter}/0) or the PF ({target.Adapter}/pf)");
        }
    }
}
