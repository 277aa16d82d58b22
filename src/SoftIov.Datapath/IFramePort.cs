namespace SoftIov.Datapath;

/// <summary>The receiving side of a switch port: a device function or an uplink. Called on poller threads, one burst at a time.</summary>
public interface IFramePort
{
    /// <summary>Work the port takes over as metadata just now. The switch does the rest before it delivers.</summary>
    OffloadSet AcceptedOffloads { get; }

    /// <summary>
    /// Copies frames <paramref name="indexes"/> of the batch into the receiver's buffers, publishes them once and signals once. Returns how
    /// many it took; the others are lost and counted by the switch as dropped at the receiver.
    /// </summary>
    int Deliver(FrameBatch batch, ReadOnlySpan<byte> indexes);
}
