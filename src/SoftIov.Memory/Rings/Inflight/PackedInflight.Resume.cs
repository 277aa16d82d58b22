using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <content>
/// Going on where another process stopped, whose implementation may have been another one too: what it had in flight is laid into the ring from
/// the place of the next used entry on, which are as many slots as it took and did not use. A driver does not read them again.
/// </content>
internal sealed unsafe partial class PackedInflight
{
    private const ushort KindBits = RingDescriptor.Next | RingDescriptor.Write | RingDescriptor.Indirect;
    private const ushort WrapBits = RingDescriptor.Available | RingDescriptor.Used;
    private const int FlagsOffset = 14;

    private ushort FreeHead => Word(FreeHeadsOffset);

    private ushort OldFreeHead => Word(FreeHeadsOffset + 2);

    private protected override bool TryResume(DmaDomain domain, in VirtqueueLayout layout, int count, ref VirtqueueCursor position)
    {
        ulong positions = Volatile.Read(ref *(ulong*)At(PositionsOffset));
        (ushort used, byte wrap) = ((ushort)positions, (byte)(positions >> 32));
        (ushort oldUsed, byte oldWrap) = ((ushort)(positions >> 16), (byte)(positions >> 40));
        if (used >= layout.Size || oldUsed >= layout.Size || wrap > 1 || oldWrap > 1)
        {
            return false;
        }

        bool isSubmitting = (used, wrap) != (oldUsed, oldWrap);
        bool isVisible = false;
        if (isSubmitting && !TryLookAt(domain, layout, oldUsed, oldWrap, out isVisible))
        {
            return false;
        }

        int free = isVisible ? FreeHead : OldFreeHead;
        if (isVisible)
        {
            EndBatch(count);
        }

        (_used, _wrap) = isVisible ? (used, wrap) : (oldUsed, oldWrap);
        WritePositions(_used, _wrap);
        DropUnfinished(free, count);
        if (!TryMakeAvailable(domain, layout, count))
        {
            return false;
        }

        position = Standing(_used, _wrap);
        return TryBegin(count, position);
    }

    /// <summary>Whether the burst that began at this slot is visible to the driver; its slot may be available again by now.</summary>
    private static bool TryLookAt(DmaDomain domain, in VirtqueueLayout layout, ushort slot, byte wrap, out bool isVisible)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        bool isRead = domain.TryRead(AddressOf(layout, slot) + FlagsOffset, bytes);
        isVisible = (BitConverter.ToUInt16(bytes) & WrapBits) != AvailableBits(wrap);
        return isRead;
    }

    /// <summary>The process died before it could take the marks of what it made visible away: those entries are free again.</summary>
    private void EndBatch(int count)
    {
        ushort entry = FreeHead;
        for (int left = count; left > 0 && entry < count; left--)
        {
            States[entry].Inflight = 0;
            entry = States[entry].Next;
            if (entry == OldFreeHead)
            {
                return;
            }
        }
    }

    /// <summary>A chain that was being written into the region: it is marked before it is taken off the list of free entries.</summary>
    private void DropUnfinished(int free, int count)
    {
        long entries = 0;
        for (int entry = 0; entry < count; entry++)
        {
            entries += States[entry].Inflight != 0 ? States[entry].Count : 0;
        }

        if (free < count && entries < count)
        {
            States[free].Inflight = 0;
        }
    }

    /// <summary>Marks go from the last on: whoever has to begin once more finds the first ones in the same slots.</summary>
    private bool TryMakeAvailable(DmaDomain domain, in VirtqueueLayout layout, int count)
    {
        List<(ulong Counter, ushort Entry)> heads = [];
        for (ushort entry = 0; entry < count; entry++)
        {
            if (States[entry].Inflight != 0)
            {
                heads.Add((States[entry].Counter, entry));
            }
        }

        heads.Sort();
        int size = layout.Size;
        List<RingDescriptor> descriptors = [];
        if (!heads.TrueForAll(head => TryReadChain(head.Entry, size, count, descriptors)) || !TryLay(domain, layout, descriptors))
        {
            return false;
        }

        for (int i = heads.Count - 1; i >= 0; i--)
        {
            Volatile.Write(ref States[heads[i].Entry].Inflight, 0);
        }

        return true;
    }

    /// <summary>All chains together have no more descriptors than the ring has slots, so that no list goes on for ever.</summary>
    private bool TryReadChain(int entry, int size, int count, List<RingDescriptor> descriptors)
    {
        int left = States[entry].Count;
        if (left == 0 || left > size - descriptors.Count)
        {
            return false;
        }

        for (; left > 0 && entry < count; left--)
        {
            PackedState state = States[entry];
            int flags = (state.Flags & (KindBits & ~RingDescriptor.Next)) | (left > 1 ? RingDescriptor.Next : 0);
            descriptors.Add(new RingDescriptor
            {
                Address = state.Address, Length = state.Length, PackedId = state.Id, PackedFlags = (ushort)flags,
            });
            entry = state.Next;
        }

        return left == 0;
    }

    private bool TryLay(DmaDomain domain, in VirtqueueLayout layout, List<RingDescriptor> descriptors)
    {
        for (int i = 0; i < descriptors.Count; i++)
        {
            int slot = _used + i;
            bool isNextLap = slot >= layout.Size;
            RingDescriptor descriptor = descriptors[i];
            descriptor.PackedFlags |= AvailableBits((byte)(isNextLap ? _wrap ^ 1 : _wrap));
            ulong address = AddressOf(layout, isNextLap ? slot - layout.Size : slot);
            if (!domain.TryWrite(address, MemoryMarshal.AsBytes(new ReadOnlySpan<RingDescriptor>(in descriptor))))
            {
                return false;
            }
        }

        return true;
    }

    private static ushort AvailableBits(byte wrap) => wrap != 0 ? RingDescriptor.Available : RingDescriptor.Used;

    private static ulong AddressOf(in VirtqueueLayout layout, int slot) => layout.DescriptorArea + ((ulong)slot * RingDescriptor.Size);

    private static VirtqueueCursor Standing(ushort used, byte wrap) => new()
    {
        NextAvailable = used,
        NextUsed = used,
        AvailableWrap = wrap,
        UsedWrap = wrap,
        SignalledUsed = (ushort)(used | (wrap == 0 ? 1 << 15 : 0)),
    };
}
