using System.Numerics;
using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The NVMe personality of a PF or VF: a controller of its adapter's NVM subsystem (NVMe 1.4 over PCIe). A host's mistakes get the status that
/// the specification names, or CSTS.CFS, and hurt this controller alone.
/// </summary>
public sealed class NvmeFunction : IPersonality, IDisposable
{
    private const int MaxMsiVectors = 32;

    private readonly NvmeController _controller;

    /// <summary>A controller at power-on. It has a place at a poller from its first enable on.</summary>
    public NvmeFunction(NvmeFunctionSettings settings, NvmeSubsystem subsystem, PollScheduler scheduler, IStateStore states, TimeProvider time)
        : this(settings, subsystem, states, time, scheduler ?? throw new ArgumentNullException(nameof(scheduler)))
    {
    }

    /// <summary>Without a scheduler the queues are polled by hand, through <see cref="Controller"/>.</summary>
    internal NvmeFunction(NvmeFunctionSettings settings, NvmeSubsystem subsystem, IStateStore states, TimeProvider time, PollScheduler? scheduler)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        Description = Describe(settings);
        _controller = new NvmeController(settings, subsystem, scheduler, states, time);
        _controller.Failed += reason => Failed?.Invoke(reason);
    }

    /// <summary>
    /// The controller went to CSTS.CFS because of what its driver did; the text says what. Raised on the thread that saw it, a poller mostly:
    /// handlers must return at once.
    /// </summary>
    public event Action<string>? Failed;

    /// <inheritdoc/>
    public PersonalityDescription Description { get; }

    /// <summary>What happened since the function was made.</summary>
    public NvmeCounters Counters => _controller.Counters;

    /// <summary>Ceilings of its I/O, to be set at any time.</summary>
    public IoLimits Limits => _controller.Limits;

    /// <summary>How long commands took that needed more than one poll.</summary>
    public LatencyHistogram Latency => _controller.Io.Latency;

    /// <summary>What controller and driver agreed on, just now.</summary>
    public NvmeFunctionStatus Status => _controller.Snapshot();

    /// <inheritdoc/>
    public bool IntxAsserted => _controller.IntxAsserted;

    internal NvmeController Controller => _controller;

    /// <inheritdoc/>
    public void Bind(IFunctionServices function) => _controller.Bind(function);

    /// <inheritdoc/>
    public void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        if (index == NvmeBar.Index)
            _controller.ReadBar(offset, destination);
        else
            destination.Clear();
    }

    /// <inheritdoc/>
    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        if (index == NvmeBar.Index)
            _controller.WriteBar(offset, source);
    }

    /// <inheritdoc/>
    public void Reset() => _controller.Reset();

    /// <inheritdoc/>
    public void BusMasterChanged(bool enabled) => _controller.BusMasterChanged(enabled);

    /// <inheritdoc/>
    public void SharedMemoryChanged(IHostMemory? memory) => _controller.ShareDoorbells(memory);

    /// <summary>Stops the controller and frees its state; waits for what the store is at, 5 s at most.</summary>
    public void Dispose() => _controller.Dispose();

    /// <summary>One for each queue pair, the admin pair's first; one in all for a function with a pin.</summary>
    internal static int VectorCount(NvmeFunctionSettings settings) => settings.Interrupts switch
    {
        NvmeInterrupts.Msix => settings.QueuePairs + 1,
        NvmeInterrupts.Msi => Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)settings.QueuePairs + 1), MaxMsiVectors),
        _ => 1,
    };

    private static PersonalityDescription Describe(NvmeFunctionSettings settings)
    {
        var bars = new BarDescription[6];
        bars[NvmeBar.Index] = new BarDescription(BarKind.Memory64, NvmeBar.Size);
        return new PersonalityDescription
        {
            VendorId = NvmePciId.Vendor,
            DeviceId = NvmePciId.Device,
            RevisionId = NvmePciId.Revision,
            ClassCode = NvmePciId.Class,
            SubsystemVendorId = NvmePciId.Vendor,
            SubsystemId = NvmePciId.Subsystem,
            Bars = bars,
            MsixVectorCount = settings.Interrupts == NvmeInterrupts.Msix ? VectorCount(settings) : 0,
            MsiVectorCount = settings.Interrupts == NvmeInterrupts.Msi ? VectorCount(settings) : 0,
            MsixBar = NvmeBar.Index,
            MsixTableOffset = NvmeBar.MsixTable,
            MsixPbaOffset = NvmeBar.MsixPba,

            // A VMM lowers the pin when its guest touches a register, and sees nothing of registers that are mapped.
            Shared = settings is { Doorbells: DoorbellMode.Shared, Interrupts: not NvmeInterrupts.Intx } ? NvmeBar.SharedDoorbells : null,
            InterruptPin = (byte)(settings.Interrupts == NvmeInterrupts.Msix ? 0 : 1),
        };
    }
}
