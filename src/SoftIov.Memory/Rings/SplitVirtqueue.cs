using System.Numerics;
using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>Device side of a split virtqueue (virtio 1.4, 2.7).</summary>
internal sealed unsafe class SplitVirtqueue : Virtqueue
{
    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;
    private const int RingHeaderWords = 2;
    private const int UsedElementSize = 8;

    private readonly uint _mask;
    private RingDescriptor* _descriptors;
    private ushort* _available;
    private byte* _used;
    private ushort _availableSeen;

    internal SplitVirtqueue(DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor)
        : base(domain, layout, features, ref cursor)
    {
        _mask = BitOperations.IsPow2(layout.Size) ? layout.Size - 1u : throw new ArgumentException("A split ring's size is a power of two.");
        _availableSeen = cursor.NextAvailable;
    }

    private bool UsesEventIndex => (Features & RingFeatures.EventIndex) != 0;

    private ref ushort AvailableIndex => ref _available[1];

    private ref ushort UsedIndex => ref ((ushort*)_used)[1];

    private ref ushort UsedEvent => ref _available[RingHeaderWords + Layout.Size];

    private ref ushort AvailableEvent => ref *(ushort*)(_used + 4 + ((nint)Layout.Size * UsedElementSize));

    /// <inheritdoc/>
    public override void Rewind(ChainBatch batch, int first)
    {
        Cursor->NextAvailable -= (ushort)(batch.Count - first);
        batch.Truncate(first);
    }

    /// <inheritdoc/>
    public override void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written)
    {
        LogBuffers(batch, first, written);
        uint index = Cursor->NextUsed;
        ulong* elements = (ulong*)(_used + 4);
        for (int i = 0; i < written.Length; i++, index++)
        {
            // Little-endian {id, len}; the ring starts 4 bytes into a 4-byte aligned area, so one unaligned store does.
            elements[index & _mask] = batch[first + i].Id | ((ulong)written[i] << 32);
        }

        // An interrupt may be decided on long after: nobody can wait for an entry older than the ring, and the index must not lap itself.
        if ((ushort)(Cursor->NextUsed - Cursor->SignalledUsed) + written.Length > Layout.Size)
        {
            Cursor->SignalledUsed = (ushort)(index - Layout.Size);
        }

        Cursor->NextUsed = (ushort)index;
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        // Pairs with the driver's acquire of used.idx: elements and buffers come first.
        Fence.StoreRelease(ref UsedIndex, Cursor->NextUsed);
        LogDeviceArea();
    }

    private protected override void LogDeviceArea() => LogRing(Layout.DeviceArea, 6 + (UsedElementSize * (ulong)Layout.Size));

    private protected override bool DecideInterrupt()
    {
        ushort before = Cursor->SignalledUsed;
        ushort now = Cursor->NextUsed;
        Cursor->SignalledUsed = now;
        // Pairs with the driver's barrier between enabling interrupts and looking at used.idx again.
        Fence.StoreThenLoad();
        return UsesEventIndex
            ? (ushort)(now - Volatile.Read(ref UsedEvent) - 1) < (ushort)(now - before)
            : now != before && (Volatile.Read(ref *_available) & NoInterrupt) == 0;
    }

    private protected override bool TryLocateRing(DmaMap map)
    {
        ulong size = Layout.Size;
        nint descriptors = Locate(map, Layout.DescriptorArea, size * RingDescriptor.Size, DmaAccess.Read);
        nint available = Locate(map, Layout.DriverArea, 6 + (2 * size), DmaAccess.Read);
        nint used = Locate(map, Layout.DeviceArea, 6 + (UsedElementSize * size), DmaAccess.Read | DmaAccess.Write);
        if (descriptors == 0 || available == 0 || used == 0)
        {
            return false;
        }

        _descriptors = (RingDescriptor*)descriptors;
        _available = (ushort*)available;
        _used = (byte*)used;
        return true;
    }

    private protected override bool HasAvailable() => Volatile.Read(ref AvailableIndex) != Cursor->NextAvailable;

    private protected override void WriteKickSuppression()
    {
        // With event index the old avail_event lies behind the driver by then: no kick until it comes round.
        if (!UsesEventIndex)
        {
            *(ushort*)_used = NoNotify;
        }
    }

    private protected override void WriteKickRequest()
    {
        if (UsesEventIndex)
        {
            AvailableEvent = Cursor->NextAvailable;
        }
        else
        {
            *(ushort*)_used = 0;
        }
    }

    private protected override void TakeAvailable(ChainBatch batch, int maximum)
    {
        ushort next = Cursor->NextAvailable;
        int waiting = (ushort)(_availableSeen - next);
        if (waiting < maximum)
        {
            // Pairs with the driver's release of avail.idx: heads and descriptors are visible behind it.
            _availableSeen = Fence.LoadAcquire(ref AvailableIndex);
            waiting = (ushort)(_availableSeen - next);
        }

        if (waiting > Layout.Size)
        {
            Stop(VirtqueueFault.IndexJump);
            return;
        }

        int count = Math.Min(waiting, maximum);
        while (count-- > 0)
        {
            ushort head = _available[RingHeaderWords + (next & _mask)];
            if (!TryReadBuffer(head, batch) && !TryReadChain(head, batch))
            {
                LeaveOrStop(batch);
                break;
            }

            next++;
        }

        Cursor->NextAvailable = next;
    }

    /// <summary>A chain of one direct descriptor; false when it is something else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadBuffer(ushort head, ChainBatch batch)
    {
        if (head > _mask)
        {
            return false;
        }

        RingDescriptor descriptor = _descriptors[head];
        return (descriptor.SplitFlags & (RingDescriptor.Next | RingDescriptor.Indirect)) == 0
            && TryAppendOne(batch, head, descriptor.Address, descriptor.Length, (descriptor.SplitFlags & RingDescriptor.Write) != 0);
    }

    private bool TryReadChain(ushort head, ChainBatch batch)
    {
        Chain chain = new() { Id = head, SlotCount = 1 };
        Span<Segment> free = batch.FreeSegments;
        uint index = head;
        for (int steps = 0; ; steps++)
        {
            if (index > _mask)
            {
                return Stop(VirtqueueFault.BadDescriptorIndex);
            }

            if (steps > _mask)
            {
                return Stop(VirtqueueFault.ChainTooLong);
            }

            RingDescriptor descriptor = _descriptors[index];
            if ((descriptor.SplitFlags & RingDescriptor.Indirect) != 0)
            {
                if (!TryReadIndirect(ref chain, descriptor, free))
                {
                    return false;
                }

                break;
            }

            if (!TryAddBuffer(ref chain, descriptor, (descriptor.SplitFlags & RingDescriptor.Write) != 0, free))
            {
                return false;
            }

            if ((descriptor.SplitFlags & RingDescriptor.Next) == 0)
            {
                break;
            }

            index = descriptor.SplitNext;
        }

        batch.Append(chain);
        return true;
    }

    private bool TryReadIndirect(ref Chain chain, in RingDescriptor outer, Span<Segment> free)
    {
        if ((outer.SplitFlags & RingDescriptor.Next) != 0)
        {
            return Stop(VirtqueueFault.BadIndirect);
        }

        RingDescriptor* table = LocateIndirect(outer, out int entries);
        if (table == null)
        {
            return false;
        }

        int index = 0;
        for (int steps = 0; steps < entries; steps++)
        {
            RingDescriptor descriptor = table[index];
            if ((descriptor.SplitFlags & RingDescriptor.Indirect) != 0)
            {
                return Stop(VirtqueueFault.BadIndirect);
            }

            if (!TryAddBuffer(ref chain, descriptor, (descriptor.SplitFlags & RingDescriptor.Write) != 0, free))
            {
                return false;
            }

            if ((descriptor.SplitFlags & RingDescriptor.Next) == 0)
            {
                return true;
            }

            index = descriptor.SplitNext;
            if (index >= entries)
            {
                return Stop(VirtqueueFault.BadDescriptorIndex);
            }
        }

        return Stop(VirtqueueFault.ChainTooLong);
    }
}
