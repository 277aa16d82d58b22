using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>Device side of a packed virtqueue (virtio 1.4, 2.8).</summary>
internal unsafe class PackedVirtqueue : Virtqueue
{
    private const ushort EventEnable = 0;
    private const ushort EventDisable = 1;
    private const ushort EventDescriptor = 2;
    private const ushort BothBits = RingDescriptor.Available | RingDescriptor.Used;
    private const ushort WrapBit = 1 << 15;
    private const int EventAreaSize = 4;

    private RingDescriptor* _ring;
    private ushort* _driverEvent;
    private ushort* _deviceEvent;
    private int _firstUnpublished = -1;
    private ushort _firstFlags;

    internal PackedVirtqueue(DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor)
        : base(domain, layout, features, ref cursor)
    {
    }

    /// <summary>AVAIL and USED of a slot that the driver made available: the wrap counter, and its opposite (virtio 1.4, 2.8.1).</summary>
    private ushort AvailableBits => Cursor->AvailableWrap != 0 ? RingDescriptor.Available : RingDescriptor.Used;

    private bool UsesEventIndex => (Features & RingFeatures.EventIndex) != 0;

    /// <summary>The ring in host memory.</summary>
    private protected RingDescriptor* Slots => _ring;

    /// <inheritdoc/>
    public sealed override void Rewind(ChainBatch batch, int first)
    {
        int slots = 0;
        for (int i = first; i < batch.Count; i++)
        {
            slots += batch[i].SlotCount;
        }

        int next = Cursor->NextAvailable - slots;
        if (next < 0)
        {
            next += Layout.Size;
            Cursor->AvailableWrap ^= 1;
        }

        Cursor->NextAvailable = (ushort)next;
        batch.Truncate(first);
    }

    /// <inheritdoc/>
    public override void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written)
    {
        LogBuffers(batch, first, written);
        int unsignalled = Unsignalled();
        int slot = Cursor->NextUsed;
        ushort wrapBits = Cursor->UsedWrap != 0 ? BothBits : (ushort)0;
        for (int i = 0; i < written.Length; i++)
        {
            ref readonly Chain chain = ref batch[first + i];
            ushort flags = (ushort)(wrapBits | (chain.WritableCount != 0 ? RingDescriptor.Write : 0));
            WriteUsed(slot, chain.Id, written[i], flags);
            unsignalled += chain.SlotCount;
            slot += chain.SlotCount;
            if (slot >= Layout.Size)
            {
                slot -= Layout.Size;
                wrapBits ^= BothBits;
            }
        }

        Cursor->NextUsed = (ushort)slot;
        Cursor->UsedWrap = wrapBits != 0 ? (byte)1 : (byte)0;

        // An interrupt may be decided on long after: nobody can wait for an entry older than the ring, and the slot must not lap itself.
        if (unsignalled > Layout.Size)
        {
            Cursor->SignalledUsed = Signature((byte)(Cursor->UsedWrap ^ 1));
        }
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        if (_firstUnpublished >= 0)
        {
            // Pairs with the driver's acquire of the entry's flags: ids, lengths, buffers and the later entries come first.
            Fence.StoreRelease(ref _ring[_firstUnpublished].PackedFlags, _firstFlags);
            _firstUnpublished = -1;
            LogRing(Layout.DescriptorArea, Layout.DescriptorBytes);
        }
    }

    private protected sealed override void LogDeviceArea() => LogRing(Layout.DeviceArea, EventAreaSize);

    private protected sealed override bool DecideInterrupt()
    {
        ushort before = Cursor->SignalledUsed;
        ushort now = Signature(Cursor->UsedWrap);
        if (now == before)
        {
            return false;
        }

        Cursor->SignalledUsed = now;
        // Pairs with the driver's barrier between writing its event area and looking at the ring again.
        Fence.StoreThenLoad();
        ushort flags = Volatile.Read(ref _driverEvent[1]);
        return flags == EventEnable || (flags == EventDescriptor && (!UsesEventIndex || PassedEvent(before)));
    }

    private protected sealed override bool TryLocateRing(DmaMap map)
    {
        nint ring = Locate(map, Layout.DescriptorArea, (ulong)Layout.Size * RingDescriptor.Size, DmaAccess.Read | DmaAccess.Write);
        nint driverEvent = Locate(map, Layout.DriverArea, EventAreaSize, DmaAccess.Read);
        nint deviceEvent = Locate(map, Layout.DeviceArea, EventAreaSize, DmaAccess.Read | DmaAccess.Write);
        if (ring == 0 || driverEvent == 0 || deviceEvent == 0)
        {
            return false;
        }

        _ring = (RingDescriptor*)ring;
        _driverEvent = (ushort*)driverEvent;
        _deviceEvent = (ushort*)deviceEvent;
        return true;
    }

    private protected sealed override bool HasAvailable() =>
        (Volatile.Read(ref _ring[Cursor->NextAvailable].PackedFlags) & BothBits) == AvailableBits;

    private protected sealed override void WriteKickSuppression() => _deviceEvent[1] = EventDisable;

    private protected sealed override void WriteKickRequest()
    {
        if (UsesEventIndex)
        {
            _deviceEvent[0] = (ushort)(Cursor->NextAvailable | (Cursor->AvailableWrap << 15));
            // The driver reads the flags first: the position must be there when they say so.
            Fence.StoreRelease(ref _deviceEvent[1], EventDescriptor);
        }
        else
        {
            _deviceEvent[1] = EventEnable;
        }
    }

    private protected sealed override void TakeAvailable(ChainBatch batch, int maximum)
    {
        int slot = Cursor->NextAvailable;
        ushort expected = AvailableBits;

        // A driver that rewrites slots the device still has could make them available for ever: a ring holds no more slots than it has.
        int room = Layout.Size - Outstanding();
        while (maximum-- > 0 && room > 0)
        {
            // Pairs with the driver's release of the flags: the rest of the chain is visible behind it.
            ushort flags = Fence.LoadAcquire(ref _ring[slot].PackedFlags);
            if ((flags & BothBits) != expected)
            {
                break;
            }

            int slots = 1;
            if (!TryReadBuffer(slot, flags, batch) && !TryReadChain(slot, flags, room, batch, out slots))
            {
                LeaveOrStop(batch);
                break;
            }

            room -= slots;
            slot += slots;
            if (slot >= Layout.Size)
            {
                slot -= Layout.Size;
                expected ^= BothBits;
            }
        }

        Cursor->NextAvailable = (ushort)slot;
        Cursor->AvailableWrap = expected == RingDescriptor.Available ? (byte)1 : (byte)0;
    }

    /// <summary>Writes a used entry. The first since the last publishing stays with the driver's bits until then.</summary>
    private void WriteUsed(int slot, ushort id, uint length, ushort flags)
    {
        RingDescriptor* entry = _ring + slot;
        if (_firstUnpublished < 0)
        {
            _firstUnpublished = slot;
            _firstFlags = flags;
            entry->PackedId = id;
            entry->Length = length;
            return;
        }

        // The driver reads entries in order: the first one, written last, makes all of them visible.
        *(ulong*)&entry->Length = length | ((ulong)id << 32) | ((ulong)flags << 48);
    }

    /// <summary>A chain of one direct descriptor; false when it is something else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadBuffer(int slot, ushort flags, ChainBatch batch)
    {
        if ((flags & (RingDescriptor.Next | RingDescriptor.Indirect)) != 0)
        {
            return false;
        }

        RingDescriptor descriptor = _ring[slot];
        return TryAppendOne(batch, descriptor.PackedId, descriptor.Address, descriptor.Length, (flags & RingDescriptor.Write) != 0);
    }

    private bool TryReadChain(int slot, ushort flags, int room, ChainBatch batch, out int slots)
    {
        Chain chain = default;
        Span<Segment> free = batch.FreeSegments;
        for (slots = 1; ; slots++)
        {
            RingDescriptor descriptor = _ring[slot];
            bool isFirst = slots == 1;
            descriptor.PackedFlags = isFirst ? flags : descriptor.PackedFlags;
            bool more = (descriptor.PackedFlags & RingDescriptor.Next) != 0;
            if ((descriptor.PackedFlags & RingDescriptor.Indirect) != 0)
            {
                if (more || !isFirst)
                {
                    return Stop(VirtqueueFault.BadIndirect);
                }

                if (!TryReadIndirect(ref chain, descriptor, free))
                {
                    return false;
                }
            }
            else if (!TryAddBuffer(ref chain, descriptor, (descriptor.PackedFlags & RingDescriptor.Write) != 0, free))
            {
                return false;
            }

            if (!more)
            {
                chain.Id = descriptor.PackedId;
                break;
            }

            if (slots == room)
            {
                return Stop(VirtqueueFault.ChainTooLong);
            }

            slot = slot + 1 == Layout.Size ? 0 : slot + 1;
        }

        chain.SlotCount = (ushort)slots;
        batch.Append(chain);
        return true;
    }

    private bool TryReadIndirect(ref Chain chain, in RingDescriptor outer, Span<Segment> free)
    {
        RingDescriptor* table = LocateIndirect(outer, out int entries);
        if (table == null)
        {
            return false;
        }

        for (int i = 0; i < entries; i++)
        {
            // Only the WRITE flag has a meaning here (2.8.7): the table's length is the chain's.
            RingDescriptor descriptor = table[i];
            if (!TryAddBuffer(ref chain, descriptor, (descriptor.PackedFlags & RingDescriptor.Write) != 0, free))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the position the driver asked to be told about lies among the entries used since <paramref name="before"/>.</summary>
    private bool PassedEvent(ushort before)
    {
        ushort wanted = Volatile.Read(ref *_driverEvent);
        int now = Cursor->NextUsed;
        int old = before & ~WrapBit;
        int off = wanted & ~WrapBit;
        old -= now <= old ? Layout.Size : 0;
        off -= (wanted >> 15) != Cursor->UsedWrap ? Layout.Size : 0;
        return (ushort)(now - off - 1) < (ushort)(now - old);
    }

    /// <summary>The next slot to complete, in the form of <see cref="VirtqueueCursor.SignalledUsed"/>.</summary>
    private ushort Signature(byte wrap) => (ushort)(Cursor->NextUsed | (wrap == 0 ? WrapBit : 0));

    /// <summary>Slots taken and not completed.</summary>
    private int Outstanding() =>
        Cursor->NextAvailable - Cursor->NextUsed + (Cursor->AvailableWrap != Cursor->UsedWrap ? Layout.Size : 0);

    /// <summary>Slots completed since the last decision about an interrupt.</summary>
    private int Unsignalled()
    {
        bool isSameLap = (Cursor->SignalledUsed & WrapBit) == (Cursor->UsedWrap == 0 ? WrapBit : 0);
        return Cursor->NextUsed - (Cursor->SignalledUsed & ~WrapBit) + (isSameLap ? 0 : Layout.Size);
    }
}
