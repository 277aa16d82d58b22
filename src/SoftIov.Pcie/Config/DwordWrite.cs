using System.Buffers.Binary;

namespace SoftIov.Pcie;

/// <summary>A configuration write as the bus carries it: one dword and the bytes of it that are enabled (PCIe 2.2.5).</summary>
/// <param name="Value">The dword; bytes that are not enabled mean nothing.</param>
/// <param name="Mask">FFh in each enabled byte.</param>
internal readonly record struct DwordWrite(uint Value, uint Mask)
{
    /// <summary>A write with all four bytes enabled.</summary>
    public static DwordWrite Full(uint value) => new(value, uint.MaxValue);

    /// <summary>The 1..4 bytes of <paramref name="source"/> at byte <paramref name="lane"/> of the dword; they must fit in it.</summary>
    public static DwordWrite FromBytes(int lane, ReadOnlySpan<byte> source)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        Span<byte> mask = stackalloc byte[sizeof(uint)];
        source.CopyTo(value[lane..]);
        mask.Slice(lane, source.Length).Fill(0xFF);
        return new(BinaryPrimitives.ReadUInt32LittleEndian(value), BinaryPrimitives.ReadUInt32LittleEndian(mask));
    }

    /// <summary><paramref name="old"/> with the enabled bits that are <paramref name="writable"/> replaced.</summary>
    public uint Merge(uint old, uint writable) => (old & ~(Mask & writable)) | (Value & Mask & writable);

    /// <summary>The same for a register of 16 bits that starts at bit <paramref name="shift"/> of the dword.</summary>
    public ushort Merge16(ushort old, ushort writable, int shift = 0) => (ushort)((this >> shift).Merge(old, writable));

    /// <summary><paramref name="old"/> without those <paramref name="clearable"/> bits that are written as 1 (RW1C).</summary>
    public uint ClearOnes(uint old, uint clearable) => old & ~(Value & Mask & clearable);

    /// <summary>The same for a register of 16 bits that starts at bit <paramref name="shift"/> of the dword.</summary>
    public ushort ClearOnes16(ushort old, ushort clearable, int shift = 0) => (ushort)((this >> shift).ClearOnes(old, clearable));

    /// <summary>True when any of <paramref name="bits"/> is enabled and written as 1.</summary>
    public bool Sets(uint bits) => (Value & Mask & bits) != 0;

    public static DwordWrite operator >>(DwordWrite write, int shift) => new(write.Value >> shift, write.Mask >> shift);
}
