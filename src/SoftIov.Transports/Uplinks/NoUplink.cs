using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports.Uplinks;

/// <summary>The uplink of a switch whose functions talk to each other only: nothing comes, nothing goes, and the link is up.</summary>
internal sealed class NoUplink : IUplink
{
    /// <inheritdoc/>
    public event Action<bool>? CarrierChanged
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public FileDescriptor? Readable => null;

    /// <inheritdoc/>
    public bool HasCarrier => true;

    /// <inheritdoc/>
    public UplinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public SwitchPort? Port { get; set; }

    /// <inheritdoc/>
    public OffloadSet AcceptedOffloads => OffloadSet.None;

    /// <inheritdoc/>
    public FrameSet Deliver(FrameBatch batch, FrameSet frames) => FrameSet.None;

    /// <inheritdoc/>
    public int Poll(PollContext context) => 0;

    /// <inheritdoc/>
    public bool Arm(PollContext context) => false;

    /// <inheritdoc/>
    public void Disarm()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
