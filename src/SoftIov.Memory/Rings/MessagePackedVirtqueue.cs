using System.Buffers.Binary;

namespace SoftIov.Memory;

/// <summary>A packed virtqueue (virtio 1.4, 2.8) in memory that messages reach.</summary>
internal sealed unsafe class MessagePackedVirtqueue : MessageVirtqueue
{
    private const ushort EventEnable = 0;
    private const ushort EventDisable = 1;
    private const ushort EventDescriptor = 2;
    private const ushort WrapBit = 1 << 15;
    private const int EventAreaSize = 4;
    private const int LengthOffset = 8;
    private const int IdOffset = 12;
    private const int FlagsOffset = 14;

    internal MessagePackedVirtqueue(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, ScratchMemory bounce)
        : base(domain, layout, features, ref cursor, bounce)
    {
    }

    /// <inheritdoc/>
    public override void Rewind(ChainBatch batch, int first)
    {
        for (int i = first; i < batch.Count; i++)
        {
            int next = Cursor->NextAvailable - batch[i].SlotCount;
            Cursor->AvailableWrap ^= next < 0 ? (byte)1 : (byte)0;
            Cursor->NextAvailable = (ushort)(next < 0 ? next + Layout.Size : next);
        }

        batch.Truncate(first);
    }

    private protected override bool DecideInterrupt()
    {
        ushort before = Cursor->SignalledUsed;
        Cursor->SignalledUsed = (ushort)(Cursor->NextUsed | (Cursor->UsedWrap == 0 ? WrapBit : 0));
        return Cursor->SignalledUsed != before;
    }

    private protected override bool TryLocateRing(DmaMap map) =>
        AreMapped(map, (ulong)Layout.Size * RingDescriptor.Size, EventAreaSize, EventAreaSize, DmaAccess.Read | DmaAccess.Write);

    private protected override bool HasAvailable() =>
        TryRead(AddressOf(Cursor->NextAvailable) + FlagsOffset, out ushort flags) && IsAvailable(flags);

    private protected override void WriteKickSuppression() => TryWrite(Layout.DeviceArea + sizeof(ushort), EventDisable);

    private protected override void WriteKickRequest()
    {
        bool usesEventIndex = (Features & RingFeatures.EventIndex) != 0;
        if (!usesEventIndex || TryWrite(Layout.DeviceArea, (ushort)(Cursor->NextAvailable | (Cursor->AvailableWrap << 15))))
        {
            TryWrite(Layout.DeviceArea + sizeof(ushort), usesEventIndex ? EventDescriptor : EventEnable);
        }
    }

    private protected override bool TryTake(ChainBatch batch)
    {
        int slot = Cursor->NextAvailable;
        if (!TryRead(AddressOf(slot) + FlagsOffset, out ushort flags) || !IsAvailable(flags) || !TryReadChain(slot, batch, out int slots))
        {
            return false;
        }

        int next = slot + slots;
        Cursor->AvailableWrap ^= next >= Layout.Size ? (byte)1 : (byte)0;
        Cursor->NextAvailable = (ushort)(next >= Layout.Size ? next - Layout.Size : next);
        return true;
    }

    /// <summary>The first entry's flags are written last: the driver reads entries in order, and sees all of them or none.</summary>
    private protected override bool TryWriteUsed(ReadOnlySpan<UsedEntry> entries)
    {
        int slot = Cursor->NextUsed;
        byte wrap = Cursor->UsedWrap;
        ushort firstFlags = FlagsOf(entries[0], wrap);
        Span<byte> bytes = stackalloc byte[RingDescriptor.Size - LengthOffset];
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, entries[i].Written);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(IdOffset - LengthOffset)..], entries[i].Id);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(FlagsOffset - LengthOffset)..], FlagsOf(entries[i], wrap));
            if (!TryWrite(AddressOf(slot) + LengthOffset, i == 0 ? bytes[..(FlagsOffset - LengthOffset)] : bytes))
            {
                return false;
            }

            slot += entries[i].SlotCount;
            wrap ^= slot >= Layout.Size ? (byte)1 : (byte)0;
            slot -= slot >= Layout.Size ? Layout.Size : 0;
        }

        if (!TryWrite(AddressOf(Cursor->NextUsed) + FlagsOffset, firstFlags))
        {
            return false;
        }

        Cursor->NextUsed = (ushort)slot;
        Cursor->UsedWrap = wrap;
        return true;
    }

    private static ushort FlagsOf(UsedEntry entry, byte wrap)
    {
        int flags = wrap != 0 ? RingDescriptor.Available | RingDescriptor.Used : 0;
        return (ushort)(flags | (entry.IsWritable ? RingDescriptor.Write : 0));
    }

    private bool IsAvailable(ushort flags)
    {
        bool available = (flags & RingDescriptor.Available) != 0;
        bool used = (flags & RingDescriptor.Used) != 0;
        return available != used && available == (Cursor->AvailableWrap != 0);
    }

    private ulong AddressOf(int slot) => Layout.DescriptorArea + ((ulong)slot * RingDescriptor.Size);

    private bool TryReadChain(int slot, ChainBatch batch, out int slots)
    {
        Chain chain = default;
        for (slots = 1; ; slots++)
        {
            if (!TryRead(AddressOf(slot), out RingDescriptor descriptor))
            {
                return false;
            }

            bool more = (descriptor.PackedFlags & RingDescriptor.Next) != 0;
            if ((descriptor.PackedFlags & RingDescriptor.Indirect) != 0)
            {
                if (more || slots > 1)
                {
                    return Stop(VirtqueueFault.BadIndirect);
                }

                if (!TryReadIndirect(ref chain, descriptor, batch))
                {
                    return false;
                }
            }
            else if (!TryAdd(ref chain, descriptor, (descriptor.PackedFlags & RingDescriptor.Write) != 0, batch))
            {
                return false;
            }

            if (!more)
            {
                chain.Id = descriptor.PackedId;
                break;
            }

            if (slots == Layout.Size)
            {
                return Stop(VirtqueueFault.ChainTooLong);
            }

            slot = slot + 1 == Layout.Size ? 0 : slot + 1;
        }

        chain.SlotCount = (ushort)slots;
        batch.Append(chain);
        return true;
    }

    private bool TryReadIndirect(ref Chain chain, in RingDescriptor outer, ChainBatch batch)
    {
        if (!TryReadTable(outer, out ReadOnlySpan<RingDescriptor> table))
        {
            return false;
        }

        foreach (ref readonly RingDescriptor descriptor in table)
        {
            if (!TryAdd(ref chain, descriptor, (descriptor.PackedFlags & RingDescriptor.Write) != 0, batch))
            {
                return false;
            }
        }

        return true;
    }
}
