using System.Buffers.Binary;

namespace SoftIov.Pcie;

/// <summary>
/// One view of a function's 4096 bytes of configuration space: a header and two lists of capabilities, which it places and links
/// (PCIe 7.5.1, 7.6.3). What no block covers reads 0 and ignores writes; what lies outside reads all ones. No access throws.
/// </summary>
internal sealed class ConfigSpace
{
    /// <summary>Bytes of a PCIe function's configuration space.</summary>
    public const int Size = 4096;

    private const int CapabilityPointer = 0x34;
    private const int FirstCapability = 0x40;
    private const int FirstExtended = 0x100;

    private readonly ConfigRegion[] _regions;
    private readonly byte _firstCapability;

    /// <summary>Places the capabilities in order from 40h and 100h on; more than fit are an error.</summary>
    public ConfigSpace(ConfigBlock header, IReadOnlyList<Capability> capabilities, IReadOnlyList<Capability> extended)
    {
        _regions = new ConfigRegion[1 + capabilities.Count + extended.Count];
        _regions[0] = new(0, header, 0, 0);
        _firstCapability = capabilities.Count > 0 ? (byte)FirstCapability : (byte)0;
        int used = 1;
        int start = FirstCapability;
        for (int i = 0; i < capabilities.Count; i++)
        {
            int next = start + capabilities[i].Length;
            uint link = i + 1 < capabilities.Count ? (uint)next << 8 : 0;
            _regions[used++] = new(start, capabilities[i], capabilities[i].Id | link, 0xFFFF);
            start = next;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, FirstExtended, nameof(capabilities));
        start = FirstExtended;
        for (int i = 0; i < extended.Count; i++)
        {
            int next = start + extended[i].Length;
            uint link = i + 1 < extended.Count ? (uint)next << 20 : 0;
            _regions[used++] = new(start, extended[i], extended[i].Id | ((uint)extended[i].Version << 16) | link, uint.MaxValue);
            start = next;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Size, nameof(extended));
    }

    /// <summary>Reads a dword; <paramref name="offset"/> is a multiple of 4.</summary>
    public uint ReadDword(int offset)
    {
        if ((uint)offset >= Size)
            return uint.MaxValue;
        int index = RegionAt(offset);
        if (index < 0)
            return 0;
        _regions[index].Block.BeforeRead(offset - _regions[index].Start, sizeof(uint));
        return ReadInside(index, offset);
    }

    /// <summary>Reads any bytes.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        while (!destination.IsEmpty && (uint)offset < Size)
        {
            int index = RegionAt(offset);
            int end = index < 0 ? (offset | 3) + 1 : _regions[index].End;
            Span<byte> part = destination[..Math.Min(destination.Length, end - offset)];
            if (index < 0)
                part.Clear();
            else
                ReadRegion(index, offset, part);
            offset += part.Length;
            destination = destination[part.Length..];
        }

        destination.Fill(0xFF);
    }

    /// <summary>Writes a dword; <paramref name="offset"/> is a multiple of 4.</summary>
    public void WriteDword(int offset, DwordWrite write)
    {
        int index = RegionAt(offset);
        if (index < 0)
            return;
        uint mask = write.Mask;
        int first = int.TrailingZeroCount((int)mask) >> 3;
        int last = 3 - (int.LeadingZeroCount((int)mask) >> 3);
        if (mask == 0)
            return;
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, write.Value);
        _regions[index].Block.WriteBytes(offset + first - _regions[index].Start, bytes[first..(last + 1)]);
    }

    /// <summary>Writes any bytes.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty && (uint)offset < Size)
        {
            int index = RegionAt(offset);
            int end = index < 0 ? (offset | 3) + 1 : _regions[index].End;
            int count = Math.Min(source.Length, end - offset);
            if (index >= 0)
                _regions[index].Block.WriteBytes(offset - _regions[index].Start, source[..count]);
            offset += count;
            source = source[count..];
        }
    }

    private void ReadRegion(int index, int offset, Span<byte> part)
    {
        _regions[index].Block.BeforeRead(offset - _regions[index].Start, part.Length);
        Span<byte> dword = stackalloc byte[sizeof(uint)];
        while (!part.IsEmpty)
        {
            int lane = offset & 3;
            int count = Math.Min(part.Length, sizeof(uint) - lane);
            BinaryPrimitives.WriteUInt32LittleEndian(dword, ReadInside(index, offset - lane));
            dword.Slice(lane, count).CopyTo(part);
            offset += count;
            part = part[count..];
        }
    }

    private uint ReadInside(int index, int offset)
    {
        uint value = _regions[index].Read(offset);
        return offset == CapabilityPointer ? (value & ~0xFFu) | _firstCapability : value;
    }

    private int RegionAt(int offset)
    {
        for (int i = 0; i < _regions.Length; i++)
        {
            if (offset >= _regions[i].Start && offset < _regions[i].End)
                return i;
        }

        return -1;
    }
}
