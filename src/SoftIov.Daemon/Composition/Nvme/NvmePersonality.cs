using SoftIov.Api;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;
using SoftIov.Datapath;
using SoftIov.Devices.Nvme;
using SoftIov.Pcie;
using SoftIov.Transports.Backings;

namespace SoftIov.Daemon.Composition;

/// <summary>What makes an adapter an nvme adapter: the store, the subsystem with its namespaces, the controllers.</summary>
internal sealed class NvmePersonality : IAdapterPersonality
{
    private const int SerialDigits = 16;

    private readonly AdapterContext _context;
    private readonly NvmeAdapterSpec _spec;
    private readonly IBlockStore _store;
    private readonly DeclaredNamespaces _namespaces;
    private readonly NvmeFunctionFactory _factory;
    private readonly NvmeVfSpec[] _policies;

    /// <summary>Opens the store; namespaces are as they were left.</summary>
    public NvmePersonality(AdapterContext context, NvmeAdapterSpec spec)
    {
        _context = context;
        _spec = spec;
        _policies = [.. Enumerable.Range(0, spec.TotalVfs).Select(spec.Vf)];
        BackingSpec backing = spec.Backing!;
        var records = new NamespaceRecords(backing, context.StateDirectory);
        _store = context.Stores.Open(new BackingOptions(KindOf(backing.Kind), backing.Path ?? "", backing.Size));
        try
        {
            Subsystem = new NvmeSubsystem(SettingsOf(spec), _store, records, context.Scheduler);
            _namespaces = new DeclaredNamespaces(Subsystem, spec.TotalVfs);
            _factory = new NvmeFunctionFactory(context, spec, Subsystem, vf => Volatile.Read(ref _policies[vf]));
        }
        catch
        {
            _store.Dispose();
            throw;
        }

        records.Changed += TellNamespaces;
        Subsystem.Secondaries.Switched += (vf, isOnline) => _context.PublishLater(
            EventKind.OnlineChanged, $"{spec.Name}/{vf}", isOnline ? "online" : "offline");
    }

    /// <inheritdoc/>
    public IPersonality Physical => _factory.Physical;

    /// <inheritdoc/>
    public IVirtualFunctionFactory Virtuals => _factory;

    /// <inheritdoc/>
    public AdapterSpec Spec
    {
        get
        {
            var vfs = _spec.Vfs.ToBuilder();
            vfs.Clear();
            for (int vf = 0; vf < _policies.Length; vf++)
            {
                if (_policies[vf] != NvmeVfSpec.Default)
                    vfs.Add(vf, _policies[vf]);
            }

            return _spec with { Vfs = vfs.ToImmutable(), Namespaces = _namespaces.Present, VfNamespaces = VfNamespacesSpec.None };
        }
    }

    /// <summary>The subsystem.</summary>
    public NvmeSubsystem Subsystem { get; }

    /// <summary>The controller of the PF or a VF; null for a VF that nobody touched.</summary>
    public NvmeFunction? Function(int? vf) => vf is { } number ? _factory[number] : _factory.Physical;

    /// <summary>Whether configuration wants the namespace.</summary>
    public bool IsDeclared(int id) => _namespaces.Contains(id);

    /// <inheritdoc/>
    public void Start()
    {
        foreach (int id in _namespaces.Restore(_spec.WantedNamespaces))
            _context.Events.Publish(EventKind.Warned, _spec.Name, $"there is no room for namespace {id}, the share of VF {id - 1}");
    }

    /// <inheritdoc/>
    public void ChangeVf(int vf, VfSpec wanted)
    {
        var policy = (NvmeVfSpec)wanted;
        Volatile.Write(ref _policies[vf], policy);
        _factory.Limit(vf, policy);
    }

    /// <inheritdoc/>
    public string Change(AdapterChange change)
    {
        switch (change)
        {
            case CreateNamespace { Id: var id, Wanted: var wanted }:
                _namespaces.Create(id, wanted);
                break;
            case AttachNamespace { Id: var id, Wanted: var wanted }:
                _namespaces.Give(id, wanted);
                break;
            case DeleteNamespace { Id: var id }:
                _namespaces.Delete(id);
                break;
            default:
                throw new InvalidOperationException($"no change of an nvme adapter: {change.GetType().Name}");
        }

        return change.Action;
    }

    /// <inheritdoc/>
    public void MakeVfs(Action make) => make();

    /// <inheritdoc/>
    public void ChangeHands()
    {
    }

    /// <inheritdoc/>
    public AdapterStatus Status(SoftwareAdapter adapter, IReadOnlyList<FunctionStatus> functions) => new NvmeAdapterStatus
    {
        Name = _spec.Name,
        TotalVfs = _spec.TotalVfs,
        NumVfs = functions.Count - 1,
        WholeSocket = adapter.Whole?.Path,
        Whole = adapter.Whole?.Attachment,
        QueuePairs = _spec.QueuePairs,
        Backing = _spec.Backing!.ToString(),
        Capacity = Subsystem.TotalCapacity,
        Unallocated = Subsystem.UnallocatedCapacity,
        VfMode = _spec.VfMode,
        Namespaces = NvmeReport.Namespaces(this, _spec.Name),
        Functions = functions,
    };

    /// <inheritdoc/>
    public FunctionStatus? Status(SoftwareAdapter adapter, int? vf) =>
        NvmeReport.Of(this, adapter, vf, vf is { } number ? Volatile.Read(ref _policies[number]) : null);

    /// <inheritdoc/>
    public IEnumerable<DescribeRow> Rows() => NvmeReport.AdapterRows(this, _spec, _store);

    /// <inheritdoc/>
    public IEnumerable<DescribeSection> Sections() => [NvmeReport.NamespaceSection(this, _spec.Name)];

    /// <inheritdoc/>
    public IEnumerable<DescribeRow> Rows(FunctionStatus function) => NvmeReport.FunctionRows((Api.NvmeFunctionStatus)function);

    /// <inheritdoc/>
    public IEnumerable<DescribeSection> Sections(FunctionStatus function) => NvmeReport.Sections(this, (Api.NvmeFunctionStatus)function);

    /// <inheritdoc/>
    public void Dispose()
    {
        _factory.Physical.Dispose();
        Subsystem.Dispose();
        _store.Dispose();
    }

    private static SubsystemSettings SettingsOf(NvmeAdapterSpec spec)
    {
        int queues = spec.QueuePairs + 1;
        return new SubsystemSettings
        {
            Name = spec.Name,
            Uuid = HostIdentity.UuidFor($"nvme {spec.Name}"),
            SerialNumber = Convert.ToHexString(HostIdentity.HashFor($"nvme serial {spec.Name}"))[..SerialDigits],
            TotalVfs = spec.TotalVfs,
            MaxNamespaces = spec.HighestNamespace,
            VfMode = spec.VfMode == NvmeVfMode.Managed ? VfMode.Managed : VfMode.Auto,
            PrimaryResetKeepsSecondaries = spec.PrimaryResetKeepsSecondaries,
            PrimaryQueues = queues,
            PrimaryInterrupts = queues,
            VfQueues = queues,
            VfInterrupts = queues,
            FlexibleQueues = spec.TotalVfs * queues,
            FlexibleInterrupts = spec.TotalVfs * queues,
        };
    }

    private static BackingKind KindOf(NvmeBackingKind kind) => kind switch
    {
        NvmeBackingKind.File => BackingKind.File,
        NvmeBackingKind.Block => BackingKind.Block,
        NvmeBackingKind.Null => BackingKind.Null,
        _ => BackingKind.Memory,
    };

    /// <summary>Called with locks of the subsystem held.</summary>
    private void TellNamespaces(SubsystemRecord was, SubsystemRecord now)
    {
        foreach (string change in NamespaceChanges.Between(was, now))
            _context.PublishLater(EventKind.NamespaceChanged, _spec.Name, change);
    }
}
