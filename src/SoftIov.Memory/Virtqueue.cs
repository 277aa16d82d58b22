namespace SoftIov.Memory;

/// <summary>
/// Device side of one enabled virtqueue (virtio 1.4, 2.6 to 2.8). Calls are per burst, from one thread at a time. Order of use: suppress
/// kicks, take a burst, complete it, publish once, ask whether to interrupt; when empty, arm kicks. A driver's error stops the queue:
/// <see cref="Fault"/> says which, and taking gives nothing from then on.
/// </summary>
public abstract class Virtqueue
{
    /// <summary>
    /// The split or packed queue for this layout. <paramref name="cursor"/> must lie in memory that does not move (a
    /// <see cref="StatePage{T}"/>) and outlive the queue; work goes on from its value. Null when the ring's memory is not mapped.
    /// </summary>
    public static Virtqueue? TryCreate(DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor) =>
        throw new NotImplementedException();

    /// <summary>Entries in the ring.</summary>
    public abstract int Size { get; }

    /// <summary>What the driver did wrong, if anything.</summary>
    public VirtqueueFault Fault { get; protected set; }

    /// <summary>
    /// Appends up to <paramref name="maximum"/> available chains to the batch, as far as both have room; returns how many. 0 when there
    /// is nothing, bus mastering is off, the ring's memory is unmapped just now, or the queue has a fault.
    /// </summary>
    public abstract int Take(ChainBatch batch, int maximum);

    /// <summary>Gives chains <paramref name="first"/> to the end of the batch back, untouched; the next take sees them again.</summary>
    public abstract void Rewind(ChainBatch batch, int first);

    /// <summary>
    /// Writes used entries for chains first .. first+written.Length-1 of the batch, in that order, without making them visible.
    /// <paramref name="written"/> holds the bytes written into each chain's writable part (0 for transmit).
    /// </summary>
    public abstract void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written);

    /// <summary>Makes all completions visible to the driver at once.</summary>
    public abstract void Publish();

    /// <summary>After <see cref="Publish"/>: whether the driver wants an interrupt for what was published since the last call.</summary>
    public abstract bool NeedsInterrupt();

    /// <summary>Tells the driver that kicks are not needed (the queue is polled).</summary>
    public abstract void SuppressKicks();

    /// <summary>Asks for a kick at the next chain. True when work is there already: the caller polls on instead of sleeping.</summary>
    public abstract bool ArmKicks();

    /// <summary>True when the driver has nothing available. A hint: it may change at once.</summary>
    public abstract bool IsEmpty { get; }
}
