using SoftIov.Datapath;
using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Transports;
using SoftIov.Transports.Backings;

namespace SoftIov.Fuzz.Nvme;

/// <summary>
/// A subsystem in service, with a poller: the controller of VF 0 is fuzzed, that of VF 1 is its neighbour, on the same store and poller, and
/// must notice nothing.
/// </summary>
internal sealed class NvmeBench : IDisposable
{
    /// <summary>Where the fuzzed driver's memory is: queues first.</summary>
    public const ulong Queues = DriverMemory.DefaultIova;

    public const ulong QueueBytes = 0x80000;

    /// <summary>Behind them data, which come and go.</summary>
    public const ulong Data = Queues + QueueBytes;

    public const ulong DataBytes = 0x100000;

    /// <summary>Memory that the controller may only read.</summary>
    public const ulong ReadOnly = 0x3_0000_0000;

    public const int ReadOnlyBytes = 0x10000;
    public const byte ReadOnlyValue = 0xA5;

    private const int Mebi = 1 << 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("si-fuzz-").FullName;
    private readonly EpollSleep _sleep = new();
    private readonly PollScheduler _scheduler;
    private readonly NativeStateStore _states = new();
    private readonly IBlockStore _store;
    private readonly NvmeSubsystem _subsystem;
    private readonly PciFunction _fuzzed;
    private readonly PciFunction _other;
    private readonly DriverMemory _memory = DriverMemory.CreatePrivate((long)(QueueBytes + DataBytes));
    private readonly DriverMemory _otherMemory = DriverMemory.CreatePrivate(Mebi);
    private readonly NativeHostMemory _readOnly = new(ReadOnlyBytes);
    private readonly BareController _neighbour;
    private readonly BarePair _disk;
    private readonly uint _neighbourId;
    private bool _isDataMapped;

    public NvmeBench(bool isFile)
    {
        _scheduler = new PollScheduler([_sleep], new PollSettings(), TimeProvider.System);
        _scheduler.PollableFaulted += (_, broken) => Fault ??= broken.ToString();
        _store = new BlockStores([_sleep]).Open(isFile
            ? new BackingOptions(BackingKind.File, Path.Combine(_folder, "disk"), 16 * Mebi)
            : new BackingOptions(BackingKind.Memory, LengthBytes: 16 * Mebi));
        SubsystemSettings settings = new()
        {
            Name = "fuzz", Uuid = new Guid("12345678-9abc-4ef0-8123-456789abcdef"), SerialNumber = "SI0001", TotalVfs = 2, MaxNamespaces = 4,
        };
        _subsystem = new NvmeSubsystem(settings, _store, new KeptRecords(), _scheduler);
        _subsystem.Secondaries.VfsEnabled(2);
        Id = AddNamespace(0);
        _neighbourId = AddNamespace(1);
        _fuzzed = Make(0, out NvmeFunction fuzzed);
        _other = Make(1, out _);
        Counters = fuzzed.Counters;
        Controller = new BareController(_fuzzed.Endpoint, _memory);
        _neighbour = new BareController(_other.Endpoint, _otherMemory);
        _readOnly.Slice(0, ReadOnlyBytes).Fill(ReadOnlyValue);
        Map(_fuzzed, Queues, QueueBytes, _memory.Host, 0, DmaAccess.Read | DmaAccess.Write);
        Map(_fuzzed, ReadOnly, ReadOnlyBytes, _readOnly, 0, DmaAccess.Read);
        MapData(true);
        Controller.Command(isMaster: true);
        Map(_other, _otherMemory.Iova, Mebi, _otherMemory.Host, 0, DmaAccess.Read | DmaAccess.Write);
        _disk = StartNeighbour();
    }

    public BareController Controller { get; }

    public NvmeCounters Counters { get; }

    /// <summary>Of the fuzzed driver's namespace.</summary>
    public uint Id { get; }

    /// <summary>What the poller threw; null when nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>The data of the fuzzed driver come or go.</summary>
    public void MapData(bool isMapped)
    {
        if (isMapped && !_isDataMapped)
            Map(_fuzzed, Data, DataBytes, _memory.Host, QueueBytes, DmaAccess.Read | DmaAccess.Write);
        else if (!isMapped && _isDataMapped)
            _fuzzed.Endpoint.Dma.Unmap(Data, DataBytes, out _);
        _isDataMapped = isMapped;
    }

    /// <summary>Null when the neighbour is served, reads what it wrote, and what is read-only is as it was.</summary>
    public string? Check()
    {
        if (_readOnly.Slice(0, ReadOnlyBytes).ContainsAnyExcept(ReadOnlyValue))
            return "the controller wrote to memory that it may only read";
        ulong data = _otherMemory.Iova + 0x10000;
        _otherMemory.Span(data, 4096).Clear();
        CompletionEntry? done = _disk.Execute(NvmCommand.Read(_neighbourId, 0, 8) with { Prp1 = data });
        if (done is not { Status.IsSuccess: true })
            return $"the neighbour is not served: {done?.Status.ToString() ?? "no answer"}";
        return _otherMemory.Span(data, 4096).ContainsAnyExcept((byte)0x5A) ? "the neighbour's data are others" : Fault;
    }

    /// <summary>Makes the neighbour's data others, as a controller would that mixes namespaces up.</summary>
    public void Spoil()
    {
        ulong data = _otherMemory.Iova + 0x10000;
        _otherMemory.Span(data, 4096).Fill(1);
        _disk.Execute(NvmCommand.Write(_neighbourId, 0, 1) with { Prp1 = data });
    }

    public void Dispose()
    {
        _fuzzed.Dispose();
        _other.Dispose();
        _subsystem.Dispose();
        _store.Dispose();
        _scheduler.Dispose();
        _memory.Dispose();
        _otherMemory.Dispose();
        _readOnly.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Map(PciFunction function, ulong iova, ulong length, IHostMemory memory, ulong offset, DmaAccess access)
    {
        if (function.Endpoint.Dma.Map(iova, length, access, memory, offset) is not DmaMapStatus.Ok and var status)
            throw new InvalidOperationException($"{iova:x} is not mapped: {status}");
    }

    private PciFunction Make(int vf, out NvmeFunction function)
    {
        string name = $"fuzz/{vf}";
        function = new NvmeFunction(new NvmeFunctionSettings { Name = name, Vf = vf }, _subsystem, _scheduler, _states, TimeProvider.System);
        return PciFunction.Create(name, function, new DmaDomain(_scheduler, new DmaFaultLog(16)), _states);
    }

    private uint AddNamespace(int vf)
    {
        _subsystem.Create(8192, 0, isShared: false, out uint id);
        _subsystem.Attach(id, [ControllerId.OfVf(vf)]);
        return id;
    }

    private BarePair StartNeighbour()
    {
        ulong start = _otherMemory.Iova;
        BarePair admin = new(_neighbour, 0, start, 8, start + 0x1000, 8);
        BarePair disk = new(_neighbour, 1, start + 0x2000, 8, start + 0x3000, 8);
        _neighbour.Command(isMaster: true);
        bool isStarted = _neighbour.Enable(admin) && _neighbour.Create(admin, disk);
        _otherMemory.Span(start + 0x10000, 4096).Fill(0x5A);
        SubmissionEntry write = NvmCommand.Write(_neighbourId, 0, 8) with { Prp1 = start + 0x10000 };
        if (!isStarted || disk.Execute(write) is not { Status.IsSuccess: true })
            throw new InvalidOperationException("the neighbour does not start");
        return disk;
    }
}
