using SoftIov.Datapath;
using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Transports;
using SoftIov.Transports.Backings;
using SoftIov.Transports.VfioUser;
using Driver = SoftIov.Lab.Nvme.NvmeController;
using SubmissionQueue = SoftIov.Lab.Nvme.SubmissionQueue;

namespace SoftIov.Benchmarks.Nvme;

/// <summary>
/// A controller on a store, served by a vfio-user socket with shared doorbells and one poller thread, and a driver that polls on the
/// other side of that socket.
/// </summary>
internal sealed class NvmeBed : IDisposable
{
    private const long DriverBytes = 256 << 20;
    private const int QueueSize = 256;

    private readonly EpollSleep _sleep = new();
    private readonly PollScheduler _scheduler;
    private readonly MemfdStateStore _states = new();
    private readonly VfioUserServer _server = new(TimeProvider.System);
    private readonly IBlockStore _store;
    private readonly NvmeFunction _function;
    private readonly PciFunction _pci;
    private readonly VfioUserDevice _device;
    private readonly MappedFile _doorbells;
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"softiov-bench-{Environment.ProcessId}.sock");

    /// <summary>As large as what peers are measured with: 512 MiB behind 4 KiB, 256 MiB behind 512 bytes.</summary>
    public NvmeBed(NvmeBenchOptions options, string backing)
    {
        Length = options.Size < 4096 ? 256L << 20 : 512L << 20;
        _scheduler = new PollScheduler([_sleep], new PollSettings(), TimeProvider.System);
        _store = new BlockStores([_sleep]).Open(backing switch
        {
            "null" => new BackingOptions(BackingKind.Null, LengthBytes: Length),
            "memory" => new BackingOptions(BackingKind.Memory, LengthBytes: Length),
            _ => new BackingOptions(BackingKind.File, options.FilePath, Length),
        });
        var settings = new SubsystemSettings { Name = "disk0", Uuid = Guid.NewGuid(), SerialNumber = "BENCH" };
        var subsystem = new NvmeSubsystem(settings, _store, new KeptRecords(), _scheduler);
        var function = new NvmeFunctionSettings { Name = "disk0/pf", Doorbells = DoorbellMode.Shared };
        _function = new NvmeFunction(function, subsystem, _scheduler, _states, TimeProvider.System);
        var dma = new DmaDomain(_scheduler, new DmaFaultLog(64));
        _pci = PciFunction.Create("disk0/pf", _function, dma, _states);
        int shift = LbaFormatShift(options.Size);
        subsystem.Create((ulong)subsystem.UnallocatedCapacity >> shift, shift == 12 ? 1 : 0, false, out uint id);
        subsystem.Attach(id, [1]);
        _server.Serve(_pci.Endpoint, new VfioUserSocketOptions { Path = _socket });
        _device = VfioUserDevice.Connect(_socket);
        using (MappableRegion region = _device.Client.GetMappableRegion(0)!)
            _doorbells = region.Map();
        Memory = DriverMemory.CreateShared("bench", DriverBytes);
        Driver = Driver.Open(_device, Memory, new NvmeOptions
        {
            Interrupts = false,
            Doorbells = (device, stride) => new MappedDoorbells(_doorbells, stride, new BarDoorbells(device, stride)),
        });
        Queue = Driver.CreateQueuePair(1, QueueSize);
        NamespaceId = id;
        BlockShift = shift;
    }

    /// <summary>Bytes of the store.</summary>
    public long Length { get; }

    /// <summary>Memory of queues and data.</summary>
    public DriverMemory Memory { get; }

    /// <summary>The driver.</summary>
    public Driver Driver { get; }

    /// <summary>Its I/O queue.</summary>
    public SubmissionQueue Queue { get; }

    /// <summary>NSID of the one namespace.</summary>
    public uint NamespaceId { get; }

    /// <summary>Bytes of its blocks as a power of two.</summary>
    public int BlockShift { get; }

    /// <summary>Blocks it has.</summary>
    public long Blocks => (long)Driver.Admin.IdentifyNamespace(NamespaceId).Size;

    public void Dispose()
    {
        Driver.Dispose();
        _doorbells.Dispose();
        _device.Dispose();
        _server.Dispose();
        _pci.Dispose();
        _store.Dispose();
        _scheduler.Dispose();
        _states.Dispose();
        Memory.Dispose();
    }

    private static int LbaFormatShift(int size) => size % 4096 == 0 ? 12 : 9;
}
