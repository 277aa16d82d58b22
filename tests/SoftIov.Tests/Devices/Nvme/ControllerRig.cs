using SoftIov.Datapath;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Devices.Nvme.Subsystem;
using SoftIov.Tests.Lab;
using SoftIov.Transports.Backings;
using Xunit;
using Driver = SoftIov.Lab.Nvme.NvmeController;
using NvmeStatus = SoftIov.Devices.Nvme.Spec.NvmeStatus;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// A subsystem with one controller, the PF's unless told, on no bus, and a driver of it in this process. It is polled by the driver while
/// that waits, or by a poller of its own when it is given a scheduler.
/// </summary>
internal sealed class ControllerRig : IDisposable
{
    public const int Mebi = 1 << 20;

    private readonly NativeStateStore _states = new();
    private readonly PciFunction _pci;
    private readonly EndpointDevice _device;
    private readonly DriverMemory _memory = DriverMemory.CreateShared("nvme-rig", 64 * Mebi);

    private bool _isRemoved;

    public ControllerRig(
        IBlockStore? store = null, int? vf = null, NvmeOptions? options = null, PollScheduler? scheduler = null, SubsystemSettings? settings = null,
        NvmeSubsystem? subsystem = null, NvmeFunctionSettings? function = null)
    {
        Store = store ?? new BlockStores([]).Open(new BackingOptions(BackingKind.Memory, LengthBytes: 64 * Mebi));
        Subsystem = subsystem ?? new NvmeSubsystem(
            settings ?? SubsystemFixture.Default, Store, new RecordsModel(), scheduler ?? (IQuiescence)new QuietPoints());
        string name = vf is null ? "disk0/pf" : $"disk0/{vf}";
        if (vf is { } number && subsystem is null)
            Subsystem.Secondaries.VfsEnabled(number + 1);
        Function = new NvmeFunction(
            function ?? new NvmeFunctionSettings { Name = name, Vf = vf, QueuePairs = 8 }, Subsystem, _states, TimeProvider.System, scheduler);
        Dma = new DmaDomain(scheduler ?? (IQuiescence)new QuietPoints(), new DmaFaultLog(64));
        _pci = PciFunction.Create(name, Function, Dma, _states);
        _device = new EndpointDevice(_pci.Endpoint);
        options ??= new NvmeOptions();
        if (scheduler is null)
            options = options with { WhileWaiting = () => (WhileWaiting ?? PollOnce)() };
        Driver = new Driver(_device, _memory, options);
    }

    public IBlockStore Store { get; }

    public NvmeSubsystem Subsystem { get; }

    public NvmeFunction Function { get; }

    public DmaDomain Dma { get; }

    public IEndpoint Endpoint => _pci.Endpoint;

    public Driver Driver { get; }

    public DriverMemory Memory => _memory;

    public EndpointDevice Device => _device;

    /// <summary>What the driver does while it waits, when polled by hand: a visit of the poller unless told otherwise.</summary>
    public Action? WhileWaiting { get; set; }

    public PollContext Context { get; } = new();

    /// <summary>A rig whose controller is enabled.</summary>
    public static ControllerRig Enabled(
        IBlockStore? store = null, int? vf = null, NvmeOptions? options = null, PollScheduler? scheduler = null, SubsystemSettings? settings = null)
    {
        var rig = new ControllerRig(store, vf, options, scheduler, settings);
        rig.Driver.Enable();
        return rig;
    }

    /// <summary>One visit of the poller.</summary>
    public int Poll() => Function.Controller.Poll(Context);

    /// <summary>One visit at a time of the poller's clock.</summary>
    public int PollAt(long ticks) => Function.Controller.Poll(new PollContext(ticks));

    /// <summary>Makes a namespace and attaches it to this controller.</summary>
    public uint AddNamespace(int mebibytes = 8, int format = 0)
    {
        ulong blocks = ((ulong)mebibytes * Mebi) >> LbaFormat.Shift(format);
        Assert.Equal(NvmeStatus.Success, Subsystem.Create(blocks, format, false, out uint id));
        Assert.Equal(NvmeStatus.Success, Subsystem.Attach(id, [Function.Controller.Id]));
        return id;
    }

    /// <summary>A disk of its own on a queue pair of its own.</summary>
    public NamespaceClient AddDisk(int queueSize = 64, int queue = 1, int mebibytes = 8)
    {
        uint id = AddNamespace(mebibytes);
        return new NamespaceClient(Driver, Driver.CreateQueuePair(queue, queueSize), id);
    }

    /// <summary>The function goes; its driver is not asked.</summary>
    public void Remove()
    {
        _isRemoved = true;
        _device.Dispose();
        _pci.Dispose();
        Function.Dispose();
    }

    public void Dispose()
    {
        if (!_isRemoved)
        {
            Driver.Dispose();
            _device.Dispose();
            _pci.Dispose();
        }

        _memory.Dispose();
        if (Store is not null)
            Store.Dispose();
    }

    private void PollOnce() => Poll();
}
