namespace SoftIov.Datapath;

/// <summary>
/// The receiving side of a switch port: a device function or an uplink. Called on poller threads, one burst per call. Several pollers may
/// call at the same time: the receiver guards its queues itself, once per burst.
/// </summary>
public interface IFramePort
{
    /// <summary>Work the port takes over as metadata just now. The switch does the rest before it delivers.</summary>
    OffloadSet AcceptedOffloads { get; }

    /// <summary>
    /// Copies <paramref name="frames"/> of the batch into the receiver's buffers in their order, publishes them once and signals once.
    /// Returns those it took; the others are lost and counted by the switch as dropped at the receiver. The batch is read only here.
    /// </summary>
    FrameSet Deliver(FrameBatch batch, FrameSet frames);
}
