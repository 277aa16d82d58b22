using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>Configuration space of one function as system software reads and writes it.</summary>
internal readonly record struct ConfigPort(IConfigAccess Access, RequesterId Id)
{
    private const int CapabilityPointer = 0x34;
    private const int FirstExtended = 0x100;
    private const int LongestList = 48;
    private const int LongestExtendedList = 480;

    public uint Read32(int offset) => Access.Read(Id, offset, sizeof(uint));

    public ushort Read16(int offset) => (ushort)Access.Read(Id, offset, sizeof(ushort));

    public byte Read8(int offset) => (byte)Access.Read(Id, offset, sizeof(byte));

    public void Write32(int offset, uint value) => Access.Write(Id, offset, sizeof(uint), value);

    public void Write8(int offset, byte value) => Access.Write(Id, offset, sizeof(byte), value);

    public void Write16(int offset, ushort value) => Access.Write(Id, offset, sizeof(ushort), value);

    /// <summary>Offset of a capability; 0 when there is none.</summary>
    public int FindCapability(byte id)
    {
        int at = Read8(CapabilityPointer) & ~3;
        for (int i = 0; i < LongestList && at != 0; i++)
        {
            ushort header = Read16(at);
            if ((byte)header == id)
                return at;
            at = (header >> 8) & ~3;
        }

        return 0;
    }

    /// <summary>Offset of an extended capability; 0 when there is none.</summary>
    public int FindExtended(ushort id)
    {
        int at = FirstExtended;
        for (int i = 0; i < LongestExtendedList && at >= FirstExtended; i++)
        {
            uint header = Read32(at);
            if (header is 0 or uint.MaxValue)
                return 0;
            if ((ushort)header == id)
                return at;
            at = (int)(header >> 20) & ~3;
        }

        return 0;
    }

    /// <summary>
    /// Sizes the base address registers from <paramref name="offset"/> on by writing all ones, and leaves what was there.
    /// </summary>
    public BarDescription[] SizeBars(int offset)
    {
        var bars = new BarDescription[BarLayout.Count];
        for (int i = 0; i < bars.Length; i++)
        {
            uint low = Probe(offset + 4 * i);
            if ((low & ~0xFu) == 0 && (low & 4) == 0)
                continue;
            bool is64 = (low & 4) != 0 && i + 1 < bars.Length;
            ulong mask = (low & ~0xFu) | ((is64 ? Probe(offset + 4 * i + 4) : uint.MaxValue) * (1UL << 32));
            BarKind kind = !is64 ? BarKind.Memory32 : (low & 8) != 0 ? BarKind.Memory64Prefetchable : BarKind.Memory64;
            bars[i] = new(kind, ~mask + 1);
            i += is64 ? 1 : 0;
        }

        return bars;
    }

    /// <summary>Writes the address of a base address register, upper half last as Linux does.</summary>
    public void WriteBar(int offset, int index, BarKind kind, ulong address)
    {
        Write32(offset + 4 * index, (uint)address);
        if (kind != BarKind.Memory32)
            Write32(offset + 4 * index + 4, (uint)(address >> 32));
    }

    private uint Probe(int offset)
    {
        uint old = Read32(offset);
        Write32(offset, uint.MaxValue);
        uint mask = Read32(offset);
        Write32(offset, old);
        return mask;
    }
}
