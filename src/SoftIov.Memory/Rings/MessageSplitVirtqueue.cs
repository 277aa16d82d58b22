using System.Numerics;

namespace SoftIov.Memory;

/// <summary>A split virtqueue (virtio 1.4, 2.7) in memory that messages reach.</summary>
internal sealed unsafe class MessageSplitVirtqueue : MessageVirtqueue
{
    private const ushort NoNotify = 1;
    private const int IndexOffset = 2;
    private const int EntriesOffset = 4;
    private const int UsedElementSize = 8;

    private readonly uint _mask;
    private ushort _availableSeen;

    internal MessageSplitVirtqueue(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, ScratchMemory bounce)
        : base(domain, layout, features, ref cursor, bounce)
    {
        _mask = BitOperations.IsPow2(layout.Size) ? layout.Size - 1u : throw new ArgumentException("A split ring's size is a power of two.");
        _availableSeen = cursor.NextAvailable;
    }

    private bool UsesEventIndex => (Features & RingFeatures.EventIndex) != 0;

    /// <inheritdoc/>
    public override void Rewind(ChainBatch batch, int first)
    {
        Cursor->NextAvailable -= (ushort)(batch.Count - first);
        batch.Truncate(first);
    }

    private protected override bool DecideInterrupt()
    {
        bool isNew = Cursor->SignalledUsed != Cursor->NextUsed;
        Cursor->SignalledUsed = Cursor->NextUsed;
        return isNew;
    }

    private protected override bool TryLocateRing(DmaMap map)
    {
        ulong size = Layout.Size;
        return AreMapped(map, size * RingDescriptor.Size, 6 + (2 * size), 6 + (UsedElementSize * size), DmaAccess.Read);
    }

    private protected override bool HasAvailable() =>
        TryRead(Layout.DriverArea + IndexOffset, out ushort index) && index != Cursor->NextAvailable;

    private protected override void WriteKickSuppression()
    {
        if (!UsesEventIndex)
        {
            TryWrite(Layout.DeviceArea, NoNotify);
        }
    }

    private protected override void WriteKickRequest()
    {
        if (UsesEventIndex)
        {
            TryWrite(Layout.DeviceArea + EntriesOffset + ((ulong)Layout.Size * UsedElementSize), Cursor->NextAvailable);
        }
        else
        {
            TryWrite(Layout.DeviceArea, (ushort)0);
        }
    }

    private protected override bool TryTake(ChainBatch batch)
    {
        ushort next = Cursor->NextAvailable;
        if (_availableSeen == next && !TryRead(Layout.DriverArea + IndexOffset, out _availableSeen))
        {
            _availableSeen = next;
            return false;
        }

        ushort waiting = (ushort)(_availableSeen - next);
        if (waiting > Layout.Size)
        {
            return Stop(VirtqueueFault.IndexJump);
        }

        if (waiting == 0 || !TryRead(Layout.DriverArea + EntriesOffset + ((next & _mask) * sizeof(ushort)), out ushort head)
            || !TryReadChain(head, batch))
        {
            return false;
        }

        Cursor->NextAvailable++;
        return true;
    }

    private protected override bool TryWriteUsed(ReadOnlySpan<UsedEntry> entries)
    {
        ushort index = Cursor->NextUsed;
        foreach (UsedEntry entry in entries)
        {
            ulong element = entry.Id | ((ulong)entry.Written << 32);
            if (!TryWrite(Layout.DeviceArea + EntriesOffset + ((index & _mask) * UsedElementSize), element))
            {
                return false;
            }

            index++;
        }

        if (!TryWrite(Layout.DeviceArea + IndexOffset, index))
        {
            return false;
        }

        Cursor->NextUsed = index;
        return true;
    }

    private bool TryReadChain(ushort head, ChainBatch batch)
    {
        Chain chain = new() { Id = head, SlotCount = 1 };
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

            if (!TryRead(Layout.DescriptorArea + (index * RingDescriptor.Size), out RingDescriptor descriptor))
            {
                return false;
            }

            bool isIndirect = (descriptor.SplitFlags & RingDescriptor.Indirect) != 0;
            if (!(isIndirect ? TryReadIndirect(ref chain, descriptor, batch) : TryAddDirect(ref chain, descriptor, batch)))
            {
                return false;
            }

            if (isIndirect || (descriptor.SplitFlags & RingDescriptor.Next) == 0)
            {
                break;
            }

            index = descriptor.SplitNext;
        }

        batch.Append(chain);
        return true;
    }

    private bool TryReadIndirect(ref Chain chain, in RingDescriptor outer, ChainBatch batch)
    {
        if ((outer.SplitFlags & RingDescriptor.Next) != 0)
        {
            return Stop(VirtqueueFault.BadIndirect);
        }

        if (!TryReadTable(outer, out ReadOnlySpan<RingDescriptor> table))
        {
            return false;
        }

        int index = 0;
        for (int steps = 0; steps < table.Length; steps++)
        {
            RingDescriptor descriptor = table[index];
            if ((descriptor.SplitFlags & RingDescriptor.Indirect) != 0)
            {
                return Stop(VirtqueueFault.BadIndirect);
            }

            if (!TryAddDirect(ref chain, descriptor, batch))
            {
                return false;
            }

            if ((descriptor.SplitFlags & RingDescriptor.Next) == 0)
            {
                return true;
            }

            index = descriptor.SplitNext;
            if (index >= table.Length)
            {
                return Stop(VirtqueueFault.BadDescriptorIndex);
            }
        }

        return Stop(VirtqueueFault.ChainTooLong);
    }

    private bool TryAddDirect(ref Chain chain, in RingDescriptor descriptor, ChainBatch batch) =>
        TryAdd(ref chain, descriptor, (descriptor.SplitFlags & RingDescriptor.Write) != 0, batch);
}
