using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// What a tap and a host interface have in common: the interface may lose its carrier, be renamed, go away, and come back under its name.
/// </summary>
internal abstract class HostUplink(string name, LinkMonitor monitor) : IUplink
{
    private const InterfaceFlags Working = InterfaceFlags.Up | InterfaceFlags.Running;

    private int _index;
    private volatile bool _hasCarrier;

    /// <inheritdoc/>
    public event Action<bool>? CarrierChanged;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool HasCarrier => _hasCarrier;

    /// <inheritdoc/>
    public UplinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public SwitchPort? Port { get; set; }

    /// <inheritdoc/>
    public abstract FileDescriptor Readable { get; }

    /// <inheritdoc/>
    public abstract OffloadSet AcceptedOffloads { get; }

    /// <summary>Begins with an interface that the uplink is attached to, and follows it from now on.</summary>
    public void Start(int index)
    {
        _index = index;
        monitor.Add(this);
    }

    /// <summary>Looks where the interface is; true when the carrier came or went. Only the monitor calls it, one call at a time.</summary>
    public bool Refresh(HostInterfaces interfaces)
    {
        bool carrier = Look(interfaces);
        if (carrier)
        {
            OnWorking();
        }

        bool changed = carrier != _hasCarrier;
        _hasCarrier = carrier;
        return changed;
    }

    /// <summary>Tells whoever follows the carrier.</summary>
    public void TellCarrier() => CarrierChanged?.Invoke(_hasCarrier);

    /// <inheritdoc/>
    public abstract FrameSet Deliver(FrameBatch batch, FrameSet frames);

    /// <inheritdoc/>
    public abstract int Poll(PollContext context);

    /// <inheritdoc/>
    public abstract bool Arm(PollContext context);

    /// <inheritdoc/>
    public void Disarm()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        monitor.Remove(this);
        Close();
    }

    /// <summary>Attaches to an interface that came back; or why that cannot be.</summary>
    protected abstract Errno TryAttach(int index);

    /// <summary>Whether frames pass although this network namespace does not have the interface any more.</summary>
    protected abstract bool IsElsewhere();

    /// <summary>The interface works, and may have worked not for a while.</summary>
    protected abstract void OnWorking();

    /// <summary>Closes descriptors.</summary>
    protected abstract void Close();

    /// <summary>Counts what a burst cost and lost. Pollers that send at the same time count at the same time.</summary>
    protected void CountTransmitted(int calls, int full, int refused)
    {
        Interlocked.Add(ref Counters.TransmitCalls, calls);
        if (full + refused != 0)
        {
            Interlocked.Add(ref Counters.TransmitFull, full);
            Interlocked.Add(ref Counters.TransmitRefused, refused);
        }
    }

    private bool Look(HostInterfaces interfaces)
    {
        string? now = _index == 0 ? null : interfaces.NameOf(_index);
        if (now is null)
        {
            if (_index != 0 && IsElsewhere())
            {
                return true;
            }

            _index = 0;
            int again = interfaces.IndexOf(name);
            if (again == 0 || TryAttach(again) != Errno.None)
            {
                return false;
            }

            _index = again;
            now = name;
        }

        return (interfaces.FlagsOf(now) & Working) == Working;
    }
}
