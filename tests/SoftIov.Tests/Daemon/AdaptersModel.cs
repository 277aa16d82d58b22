using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Hosting;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;

namespace SoftIov.Tests.Daemon;

/// <summary>Adapters without devices: what the control side sees of them, with attachments set by the test.</summary>
internal sealed class AdaptersModel : IAdapters
{
    private readonly AdapterHostModel _host = new();
    private readonly List<InjectedFault> _injected = [];

    /// <summary>Functions with a client.</summary>
    public Dictionary<string, AttachmentStatus> Attached { get; } = [];

    /// <summary>Leases given.</summary>
    public Dictionary<string, uint?> Leases { get; } = [];

    /// <summary>The sink of the capture that runs.</summary>
    public CaptureSink? Capturing { get; private set; }

    /// <summary>How long a capture takes to begin.</summary>
    public TimeSpan CaptureDelay { get; set; }

    /// <summary>Last piece of a capture, handed over when it ends.</summary>
    public byte[] CaptureEnding { get; set; } = "end"u8.ToArray();

    /// <summary>Configuration space of every function; null for the words of the request.</summary>
    public string? Dump { get; set; }

    /// <summary>Runs when an uplink is about to change.</summary>
    public Action? BeforeUplink { get; set; }

    /// <summary>Namespaces that a guest made, of every nvme adapter.</summary>
    public List<NamespaceStatus> GuestNamespaces { get; } = [];

    /// <summary>Steps of one personality that were done.</summary>
    public List<AdapterChange> Changes { get; } = [];

    /// <summary>How far drivers of attached functions are.</summary>
    public string AttachedDriver { get; set; } = "none";

    /// <summary>Memory BARs of every function.</summary>
    public IReadOnlyList<PciBar> Bars { get; set; } = [new(32 << 10, IsPrefetchable: true)];

    /// <summary>What pollers did.</summary>
    public IReadOnlyList<PollerStats> Polling { get; set; } = [];

    public IReadOnlyList<CurrentAdapter> Current => [.. _host.Current.Select(c => c with { Attached = AttachedTo(c.Spec.Name) })];

    public IReadOnlyList<PollerStats> Pollers() => Polling;

    public void AddAdapter(AdapterSpec spec)
    {
        if (spec is NetAdapterSpec { Uplink.Name: "missing" })
            throw new IOException("no such interface");
        _host.AddAdapter(spec);
    }

    public void RemoveAdapter(string adapter) => _host.RemoveAdapter(adapter);

    public void EnableVfs(string adapter, int count) => _host.EnableVfs(adapter, count);

    public void DisableVfs(string adapter) => _host.DisableVfs(adapter);

    public void GiveAway(string adapter) => _host.GiveAway(adapter);

    public void TakeBack(string adapter) => _host.TakeBack(adapter);

    public void Change(AdapterChange change)
    {
        if (change is ChangeUplink uplink)
            BeforeChangeOf(uplink);
        Changes.Add(change);
        _host.Change(change);
    }

    public void ChangePolicy(string adapter, int vf, VfSpec policy) => _host.ChangePolicy(adapter, vf, policy);

    public IReadOnlyList<AdapterStatus> Status() => [.. _host.Current.Select(c => Status(c.Spec))];

    public IReadOnlyList<DescribeSection> Describe(TargetName target) => [new(target.ToString(), [new("what", "a model")])];

    public LspciResult Lspci(TargetName target, FunctionView view, int from) => new(Dump ?? $"{target} {view}");

    public FunctionStatus Function(TargetName target) =>
        Status().SelectMany(a => a.Functions).FirstOrDefault(f => f.Target == target.ToString()) ??
        throw ControlException.Because(ControlErrorCode.NotFound, $"there is no {target}", "enable more VFs");

    public bool HasMsix(TargetName target) =>
        target.Part == TargetPart.Pf ||
        _host.Current.Single(c => c.Spec.Name == target.Adapter).Spec.Vf(target.Vf).Interrupts == InterruptMode.Msix;

    public VhostUserDevice? RingsOf(TargetName target) => null;

    public IReadOnlyList<PciBar> BarsOf(TargetName target) => Bars;

    public void Lease(TargetName target, uint? userId) => Leases[target.ToString()] = userId;

    public uint? OwnerOf(TargetName target) => Leases.GetValueOrDefault(target.ToString());

    public void Disconnect(TargetName target, string reason) => Attached.Remove(target.ToString());

    public InjectResult Inject(TargetName target, string? fault, IReadOnlyDictionary<string, string> values)
    {
        string what = string.Join(' ', values.Select(v => $"{v.Key}={v.Value}").Prepend(fault ?? "nothing"));
        if (fault == "clear")
            _injected.Clear();
        else if (fault is not null)
            _injected.Add(new(target.ToString(), fault, values.GetValueOrDefault("count", "until cleared")));
        return new InjectResult(target.ToString(), [.. _injected], fault is null ? null : $"{target}: {what}");
    }

    public IAsyncDisposable Capture(TargetName target, int snapLengthBytes, CaptureSink sink)
    {
        Thread.Sleep(CaptureDelay);
        Capturing = sink;
        return new CaptureEnd(this, sink);
    }

    private void BeforeChangeOf(ChangeUplink change)
    {
        BeforeUplink?.Invoke();
        if (change.Uplink.Name == "missing")
            throw new IOException("no such interface");
    }

    private HashSet<int> AttachedTo(string adapter) =>
    [
        .. Attached.Keys.Select(TargetName.Parse).Where(t => t.Adapter == adapter)
            .Select(t => t.Part == TargetPart.Pf ? CurrentAdapter.Pf : t.Vf),
    ];

    private AdapterStatus Status(AdapterSpec spec) => spec is NvmeAdapterSpec nvme ? Status(nvme) : Status((NetAdapterSpec)spec);

    private NetAdapterStatus Status(NetAdapterSpec spec) => new()
    {
        Name = spec.Name,
        TotalVfs = spec.TotalVfs,
        NumVfs = spec.NumVfs,
        Mtu = spec.Mtu,
        QueuePairs = spec.QueuePairs,
        Uplink = new UplinkStatus(spec.Uplink.Kind, LinkUp: true, spec.Uplink.Name),
        Functions = [Function(spec, null), .. Enumerable.Range(0, spec.NumVfs).Select(vf => Function(spec, vf))],
    };

    private NvmeAdapterStatus Status(NvmeAdapterSpec spec)
    {
        NamespaceStatus[] declared =
        [
            .. spec.WantedNamespaces.Select(n => new NamespaceStatus(
                n.Key,
                n.Value.Size ?? 1 << 20,
                n.Value.BlockSize ?? 512,
                n.Value.Shared,
                [.. n.Value.Pf ? [$"{spec.Name}/pf"] : Array.Empty<string>(), .. n.Value.Vfs.Select(vf => $"{spec.Name}/{vf}")],
                NamespaceOrigin.Configuration,
                Guid.Empty)),
        ];
        NamespaceStatus[] all = [.. declared, .. GuestNamespaces];
        return new NvmeAdapterStatus
        {
            Name = spec.Name,
            TotalVfs = spec.TotalVfs,
            NumVfs = spec.NumVfs,
            QueuePairs = spec.QueuePairs,
            Backing = spec.Backing!.ToString(),
            Capacity = 1 << 30,
            Unallocated = 1 << 29,
            VfMode = spec.VfMode,
            Namespaces = all,
            Functions = [Function(spec, null, all), .. Enumerable.Range(0, spec.NumVfs).Select(vf => Function(spec, vf, all))],
        };
    }

    private NvmeFunctionStatus Function(NvmeAdapterSpec spec, int? vf, NamespaceStatus[] namespaces)
    {
        string target = $"{spec.Name}/{vf?.ToString() ?? "pf"}";
        return new NvmeFunctionStatus
        {
            Target = target,
            Vf = vf,
            RoutingId = $"01:00.{(vf ?? -1) + 1}",
            ControllerId = (vf ?? -1) + 2,
            Online = true,
            Policy = vf is { } number ? spec.Vf(number) : null,
            IoQueues = 2,
            Namespaces = [.. namespaces.Where(n => n.AttachedTo.Contains(target)).Select(n => n.Id)],
            Attachment = Attached.GetValueOrDefault(target),
            Driver = Attached.ContainsKey(target) ? AttachedDriver : "none",
            Counters = new NvmeCounters(10, 20, 30, 40, 5, 6, 7, 8, 0, [0, 0, 90, 0, 9, 0, 1]),
        };
    }

    private NetFunctionStatus Function(NetAdapterSpec spec, int? vf)
    {
        string target = $"{spec.Name}/{vf?.ToString() ?? "pf"}";
        return new NetFunctionStatus
        {
            Target = target,
            Vf = vf,
            RoutingId = $"01:00.{(vf ?? -1) + 1}",
            Mac = $"02:00:00:00:00:0{(vf ?? -1) + 1}",
            Policy = vf is { } number ? spec.Vf(number) : null,
            LinkUp = true,
            Socket = $"/run/softiov/{spec.Name}/{(vf is null ? "pf" : $"vf{vf}")}.sock",
            Attachment = Attached.GetValueOrDefault(target),
            Driver = Attached.ContainsKey(target) ? AttachedDriver : "none",
            Counters = new NetCounters(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        };
    }

    private sealed class CaptureEnd(AdaptersModel model, CaptureSink sink) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await sink(model.CaptureEnding, 0);
            model.Capturing = null;
        }
    }
}
