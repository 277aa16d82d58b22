using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SoftIov.Memory;

/// <summary>
/// Device side of one enabled virtqueue (virtio 1.4, 2.6 to 2.8). Calls are per burst, from one thread at a time. Order of use: suppress
/// kicks, take a burst, complete it, publish once, ask whether to interrupt; when empty, arm kicks. A driver's error stops the queue:
/// <see cref="Fault"/> says which, and taking gives nothing from then on. While the ring's own memory is unmapped the queue waits.
/// </summary>
public abstract unsafe partial class Virtqueue
{
    /// <summary>Bounce memory of a queue that uses messages, in bytes.</summary>
    public const int BounceLength = 256 * 1024;

    private const int CacheLine = 64;

    private BufferTranslator _translator;
    private bool _mapped;

    /// <summary>The next chain waits for translations that the map did not have.</summary>
    private bool _isWaiting;

    private protected Virtqueue(DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor)
    {
        Domain = domain;
        _translator = new BufferTranslator(domain);
        Layout = layout;
        Features = features;
        Cursor = (VirtqueueCursor*)Unsafe.AsPointer(ref cursor);
    }

    /// <summary>Entries in the ring.</summary>
    public int Size => Layout.Size;

    /// <summary>What the driver did wrong, if anything.</summary>
    public VirtqueueFault Fault { get; private set; }

    /// <summary>True when the driver has nothing available. A hint: it may change at once.</summary>
    public bool IsEmpty => !IsReady() || !HasAvailable();

    private protected DmaDomain Domain { get; }

    private protected VirtqueueLayout Layout { get; }

    private protected RingFeatures Features { get; }

    private protected VirtqueueCursor* Cursor { get; }

    /// <summary>
    /// The split or packed queue for this layout. <paramref name="cursor"/> must lie in memory that does not move (a
    /// <see cref="StatePage{T}"/>) and outlive the queue; work goes on from its value. Null when the ring's memory is not mapped, or the cursor
    /// is outside the ring. With <paramref name="inflight"/>, which was resumed, another process can go on when this one dies.
    /// </summary>
    public static Virtqueue? TryCreate(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, InflightRegion? inflight = null)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (layout.Size == 0 || ((features & RingFeatures.Packed) != 0 && !cursor.IsInPackedRing(layout.Size)))
        {
            return null;
        }

        Virtqueue queue = (features & RingFeatures.Packed) == 0 ? new SplitVirtqueue(domain, layout, features, ref cursor)
            : inflight is PackedInflight region ? new TrackedPackedVirtqueue(domain, layout, features, ref cursor, region)
            : new PackedVirtqueue(domain, layout, features, ref cursor);
        queue.UseMap(domain.CurrentMap);
        return queue._mapped ? queue : null;
    }

    /// <summary>
    /// As <see cref="TryCreate"/>, for a ring or buffers that are reached by messages: calls block for round trips to the client, so the queue
    /// belongs to a thread of its function's own. What was taken but not used before is taken again. Null when the ring is not mapped at all.
    /// Chains pass by <paramref name="bounce"/>, <see cref="BounceLength"/> bytes that nobody else uses while the queue lives.
    /// </summary>
    public static Virtqueue? TryCreateByMessages(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, ScratchMemory bounce)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(bounce);
        cursor.NextAvailable = cursor.NextUsed;
        cursor.AvailableWrap = cursor.UsedWrap;
        if (layout.Size == 0 || ((features & RingFeatures.Packed) != 0 && !cursor.IsInPackedRing(layout.Size)))
        {
            return null;
        }

        Virtqueue queue = (features & RingFeatures.Packed) != 0
            ? new MessagePackedVirtqueue(domain, layout, features, ref cursor, bounce)
            : new MessageSplitVirtqueue(domain, layout, features, ref cursor, bounce);
        queue.UseMap(domain.CurrentMap);
        return queue._mapped ? queue : null;
    }

    /// <summary>
    /// A message was cancelled since the last <see cref="Retry"/>, so something is left to be done: poll again after a while, and retry first.
    /// </summary>
    public virtual bool IsStalled => false;

    /// <summary>Tries to make visible what a cancelled message kept back. Then it may be time for an interrupt.</summary>
    public virtual void Retry()
    {
    }

    /// <summary>
    /// Appends up to <paramref name="maximum"/> available chains to the batch, as far as both have room; returns how many. 0 when there
    /// is nothing, bus mastering is off, the ring's memory is unmapped just now, or the queue has a fault.
    /// </summary>
    public int Take(ChainBatch batch, int maximum)
    {
        if (Fault != VirtqueueFault.None || !IsReady())
        {
            return 0;
        }

        int before = batch.Count;
        _isWaiting = false;
        TakeAvailable(batch, Math.Min(maximum, batch.FreeChains));
        if (Fault != VirtqueueFault.None && !Domain.BusMasterEnable)
        {
            // Bus mastering went off in the middle: nothing may be read, and what looked wrong is looked at again when it is on.
            Fault = VirtqueueFault.None;
        }

        return batch.Count - before;
    }

    /// <summary>Gives chains <paramref name="first"/> to the end of the batch back, untouched; the next take sees them again.</summary>
    public abstract void Rewind(ChainBatch batch, int first);

    /// <summary>
    /// Writes used entries for chains first .. first+written.Length-1 of the batch, in that order, without making them visible.
    /// <paramref name="written"/> holds the bytes written into each chain's writable part (0 for transmit).
    /// </summary>
    public abstract void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written);

    /// <summary>Makes all completions visible to the driver at once.</summary>
    public abstract void Publish();

    /// <summary>
    /// After <see cref="Publish"/>: whether the driver wants an interrupt for what was published since the last call. May be asked later,
    /// in another round: when the ring's memory is gone by then, the answer is no.
    /// </summary>
    public bool NeedsInterrupt() => IsReady() && DecideInterrupt();

    /// <summary>Tells the driver that kicks are not needed (the queue is polled).</summary>
    public void SuppressKicks()
    {
        if (IsReady())
        {
            WriteKickSuppression();
            LogDeviceArea();
        }
    }

    /// <summary>
    /// Asks for a kick at the next chain. True when work is there already: the caller polls on instead of sleeping. Whoever waits for a
    /// translation is woken by whoever brings it.
    /// </summary>
    public bool ArmKicks()
    {
        DmaMap before = _translator.Map;
        if (Fault != VirtqueueFault.None || !IsReady() || (_isWaiting && _translator.Map == before))
        {
            return false;
        }

        WriteKickRequest();
        LogDeviceArea();
        // Pairs with the driver's barrier between making a buffer available and reading what was just written.
        Fence.StoreThenLoad();
        return HasAvailable();
    }

    private protected abstract bool DecideInterrupt();

    /// <summary>
    /// Finds the ring in a map. When it is not there nothing changes: a burst that began with the former map may still complete and publish
    /// by it, since that memory stays until the next quiet point.
    /// </summary>
    private protected abstract bool TryLocateRing(DmaMap map);

    private protected abstract void TakeAvailable(ChainBatch batch, int maximum);

    private protected abstract bool HasAvailable();

    private protected abstract void WriteKickSuppression();

    private protected abstract void WriteKickRequest();

    private protected nint Locate(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        nint address = DmaDomain.ContiguousAddress(map, iova, length, access);
        if (address == 0)
        {
            Domain.TryAsk(map, iova, length, access);
        }

        return address;
    }

    private protected bool Stop(VirtqueueFault fault)
    {
        Fault = fault;
        return false;
    }

    /// <summary>
    /// Most chains are one buffer near the last one: appends it. False, and nothing happened, when it needs more than a glance.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool TryAppendOne(ChainBatch batch, ushort id, ulong address, uint length, bool isWritable)
    {
        nint host = _translator.Glance(address, length, isWritable ? DmaAccess.Write : DmaAccess.Read);
        if (host == 0)
        {
            return false;
        }

        Prefetch(host);
        return batch.TryAppendOne(id, new Segment(host, (int)length), isWritable);
    }

    /// <summary>
    /// The other side's processor has the lines a burst begins with: all of them are on their way while the first is waited for. The header
    /// of 12 bytes mostly ends a line, and the frame begins the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(nint buffer)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((void*)buffer);
            Sse.Prefetch0((void*)(buffer + CacheLine));
        }
    }

    /// <summary>Adds one buffer to the chain under construction; false on a fault, or when the batch lacks room (no fault then).</summary>
    private protected bool TryAddBuffer(ref Chain chain, in RingDescriptor descriptor, bool isWritable, Span<Segment> free)
    {
        if (descriptor.Length == 0)
        {
            return Stop(VirtqueueFault.BadLength);
        }

        int used = chain.ReadableCount + chain.WritableCount;
        DmaAccess access = isWritable ? DmaAccess.Write : DmaAccess.Read;
        int count = 1;
        nint address = _translator.Glance(descriptor.Address, descriptor.Length, access);
        if (address != 0 && (uint)used < (uint)free.Length)
        {
            free[used] = new Segment(address, (int)descriptor.Length);
        }
        else
        {
            count = _translator.TranslateSlowly(descriptor.Address, descriptor.Length, access, free[used..]);
            if (count <= 0)
            {
                _isWaiting = count == BufferTranslator.Missing;
                return count == 0 || _isWaiting
                    ? false
                    : Stop(count == BufferTranslator.ByMessages ? VirtqueueFault.NeedsMessages : VirtqueueFault.BadAddress);
            }
        }

        return AddSegments(ref chain, descriptor.Length, isWritable, count, free[used]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AddSegments(ref Chain chain, uint length, bool isWritable, int count, Segment first)
    {
        if (isWritable)
        {
            chain.WritableCount += (ushort)count;
            chain.WritableLength += length;
            return chain.WritableLength >= length || Stop(VirtqueueFault.BadLength);
        }

        if (chain.WritableCount != 0)
        {
            return Stop(VirtqueueFault.ReadableAfterWritable);
        }

        Prefetch(first.Address);
        chain.ReadableCount += (ushort)count;
        chain.ReadableLength += length;
        return chain.ReadableLength >= length || Stop(VirtqueueFault.BadLength);
    }

    /// <summary>Checks an indirect table's bounds and finds it in host memory; null on a fault.</summary>
    private protected RingDescriptor* LocateIndirect(in RingDescriptor descriptor, out int entries)
    {
        entries = (int)(descriptor.Length / RingDescriptor.Size);
        bool valid = (Features & RingFeatures.IndirectDescriptors) != 0
            && descriptor.Length != 0
            && descriptor.Length % RingDescriptor.Size == 0
            && entries <= Layout.Size;
        if (!valid)
        {
            Stop(VirtqueueFault.BadIndirect);
            return null;
        }

        nint table = _translator.Glance(descriptor.Address, descriptor.Length, DmaAccess.Read);
        return (RingDescriptor*)(table != 0 ? table : LocateTable(descriptor.Address, descriptor.Length));
    }

    private nint LocateTable(ulong iova, uint length)
    {
        nint table = DmaDomain.ContiguousAddress(_translator.Map, iova, length, DmaAccess.Read);
        if (table == 0)
        {
            _isWaiting = Domain.TryAsk(_translator.Map, iova, length, DmaAccess.Read);
            if (_isWaiting)
            {
                return 0;
            }

            bool isMapped = Domain.IsAllowed(_translator.Map, iova, length, DmaAccess.Read);
            Stop(isMapped ? VirtqueueFault.NeedsMessages : VirtqueueFault.BadAddress);
        }

        return table;
    }

    /// <summary>A chain did not fit into the batch: the next one takes it, unless it would not fit into an empty batch either.</summary>
    private protected void LeaveOrStop(ChainBatch batch)
    {
        if (Fault == VirtqueueFault.None && batch.Count == 0 && !_isWaiting)
        {
            Stop(VirtqueueFault.ChainTooLong);
        }
    }

    private protected bool IsReady()
    {
        DmaMap map = Domain.CurrentMap;
        if (map != _translator.Map)
        {
            UseMap(map);
        }

        return _mapped && Domain.BusMasterEnable;
    }

    private void UseMap(DmaMap map)
    {
        _translator.Use(map);
        _mapped = TryLocateRing(map);
    }
}
