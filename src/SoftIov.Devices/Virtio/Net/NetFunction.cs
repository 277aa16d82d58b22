using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The network personality of a PF or VF: a virtio 1.x network device without the legacy interface (virtio 1.4, 4.1 and 5.1), one port of
/// its adapter's switch. Its address is the port's. A driver's mistakes set DEVICE_NEEDS_RESET and hurt this function alone.
/// </summary>
public sealed class NetFunction : IPersonality, IDisposable
{
    /// <summary>Bytes of memory space that a PF or VF decodes: its one BAR.</summary>
    public const ulong MemoryBytes = VirtioBar.Size;

    private readonly NetDevice _device;
    private readonly VirtioTransport _transport;

    /// <summary>A function at power-on. Its poll places come and go with its driver.</summary>
    public NetFunction(NetFunctionSettings settings, SwitchPort port, PollScheduler scheduler, IStateStore states, TimeProvider time)
        : this(settings, port, states, time, scheduler ?? throw new ArgumentNullException(nameof(scheduler)))
    {
    }

    /// <summary>Without a scheduler the queues are polled by hand, through <see cref="Device"/>.</summary>
    internal NetFunction(NetFunctionSettings settings, SwitchPort port, IStateStore states, TimeProvider time, PollScheduler? scheduler)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _device = new NetDevice(settings, port, scheduler, states, time);
        int vectors = settings.Interrupts == NetInterrupts.Intx ? 0 : VectorCount(settings);
        _transport = new VirtioTransport(_device, _device.Interrupts, vectors);
        Description = Describe(settings, vectors);
        _device.Faulted += fault => Faulted?.Invoke(fault);
    }

    /// <summary>
    /// The function set DEVICE_NEEDS_RESET because of what its driver did; at most one report per second. Raised on the thread that saw it, a
    /// poller mostly: handlers must return at once.
    /// </summary>
    public event Action<VirtioFault>? Faulted;

    /// <inheritdoc/>
    public PersonalityDescription Description { get; }

    /// <summary>What happened since the function was made.</summary>
    public NetFunctionCounters Counters => _device.Counters;

    /// <summary>What function and driver agreed on, just now.</summary>
    public NetFunctionStatus Status => _device.Snapshot();

    /// <inheritdoc/>
    public bool IntxAsserted => _device.Interrupts.IsAsserted;

    /// <summary>The device without its registers, for a transport whose front-end keeps them.</summary>
    public IRingDevice Rings => _device;

    internal NetDevice Device => _device;

    /// <summary>Asks the driver to announce its addresses on the network; false when there is none that would.</summary>
    public bool RequestAnnounce() => _device.RequestAnnounce();

    /// <inheritdoc/>
    public void Bind(IFunctionServices function) => _device.Bind(function);

    /// <inheritdoc/>
    public void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        if (index == VirtioBar.Index)
            _transport.ReadBar(offset, destination);
        else
            destination.Clear();
    }

    /// <inheritdoc/>
    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        if (index == VirtioBar.Index)
            _transport.WriteBar(offset, source);
    }

    /// <inheritdoc/>
    public void Reset() => _device.Reset();

    /// <inheritdoc/>
    public void BusMasterChanged(bool enabled) => _device.BusMasterChanged(enabled);

    /// <summary>Stops the queues, leaves the port, frees the state page.</summary>
    public void Dispose() => _device.Dispose();

    /// <summary>One per queue, one for the configuration, and in a PF one that is kept for an admin queue.</summary>
    private static int VectorCount(NetFunctionSettings settings) =>
        (2 * settings.QueuePairs) + 2 + (settings.HasSriovCapability ? 1 : 0);

    private PersonalityDescription Describe(NetFunctionSettings settings, int vectors)
    {
        var bars = new BarDescription[6];
        bars[VirtioBar.Index] = new BarDescription(BarKind.Memory64Prefetchable, VirtioBar.Size);
        return new PersonalityDescription
        {
            VendorId = VirtioPciId.Vendor,
            DeviceId = VirtioPciId.NetDevice,
            RevisionId = VirtioPciId.Revision,
            ClassCode = VirtioPciId.NetClass,
            SubsystemVendorId = VirtioPciId.Vendor,
            SubsystemId = VirtioPciId.Subsystem,
            Bars = bars,
            MsixVectorCount = vectors,
            MsixBar = VirtioBar.Index,
            MsixTableOffset = VirtioBar.MsixTable,
            MsixPbaOffset = VirtioBar.MsixPba,
            InterruptPin = (byte)(settings.Interrupts == NetInterrupts.Msix ? 0 : 1),
            VendorCapabilities =
            [
                new VirtioCapability(CapabilityType.Common),
                new VirtioCapability(CapabilityType.Notify),
                new VirtioCapability(CapabilityType.Isr),
                new VirtioCapability(CapabilityType.Device),
                new PciAccessWindow(_device, _transport),
            ],
        };
    }
}
