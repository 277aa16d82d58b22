using System.Numerics;

namespace SoftIov.Pcie;

/// <summary>
/// How six base address registers behave: type bits, size masks, pairs (PCI 3.0, 6.2.5.1). Shared by headers and by the SR-IOV
/// capability, whose VF BARs are never smaller than the System Page Size: hence the <c>minimumSize</c> of the calls.
/// </summary>
internal sealed class BarLayout
{
    /// <summary>Base address registers of a type 0 header.</summary>
    public const int Count = 6;

    private const ulong SmallestMemory = 16;

    private readonly BarDescription[] _bars = new BarDescription[Count];
    private readonly bool[] _isUpperHalf = new bool[Count];

    /// <summary>Checks the description: at most six, sizes powers of two of 16 bytes and up, an empty entry after each 64-bit BAR.</summary>
    public BarLayout(IReadOnlyList<BarDescription> bars)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bars.Count, Count, nameof(bars));
        for (int i = 0; i < bars.Count; i++)
        {
            BarDescription bar = bars[i];
            if (bar.Kind == BarKind.None)
                continue;
            bool is64 = bar.Kind != BarKind.Memory32;
            if (!BitOperations.IsPow2(bar.Size) || bar.Size < SmallestMemory || (!is64 && bar.Size > 1UL << 31))
                throw new ArgumentException($"BAR {i}: a size of {bar.Size:x}h is no power of two it can decode", nameof(bars));
            if (_isUpperHalf[i] || (is64 && i + 1 == Count))
                throw new ArgumentException($"BAR {i}: its register is, or lacks, the upper half of a 64-bit BAR", nameof(bars));
            _bars[i] = bar;
            if (is64)
                _isUpperHalf[i + 1] = true;
        }
    }

    /// <summary>BAR <paramref name="index"/>; none when there is no such register.</summary>
    public BarDescription this[int index] => (uint)index < Count ? _bars[index] : default;

    /// <summary>Bytes BAR <paramref name="index"/> decodes; 0 when it is not implemented.</summary>
    public ulong Size(int index, ulong minimumSize = 0) => _bars[index].Size == 0 ? 0 : Math.Max(_bars[index].Size, minimumSize);

    /// <summary>What register <paramref name="index"/> reads.</summary>
    public uint Read(in BarRegisters registers, int index, ulong minimumSize = 0) =>
        (registers[index] & WritableMask(index, minimumSize)) | TypeBits(index);

    /// <summary>Writes register <paramref name="index"/>.</summary>
    public void Write(ref BarRegisters registers, int index, DwordWrite write, ulong minimumSize = 0) =>
        registers[index] = write.Merge(registers[index], WritableMask(index, minimumSize));

    /// <summary>The address BAR <paramref name="index"/> decodes from.</summary>
    public ulong Base(in BarRegisters registers, int index, ulong minimumSize = 0)
    {
        ulong low = registers[index] & WritableMask(index, minimumSize);
        return _bars[index].Kind is BarKind.Memory32 or BarKind.None ? low : low | ((ulong)registers[index + 1] << 32);
    }

    private uint WritableMask(int index, ulong minimumSize)
    {
        if (_isUpperHalf[index])
            return (uint)(~(Size(index - 1, minimumSize) - 1) >> 32);
        return _bars[index].Kind == BarKind.None ? 0 : (uint)~(Size(index, minimumSize) - 1);
    }

    private uint TypeBits(int index) => _bars[index].Kind switch
    {
        BarKind.Memory64 => 0x4,
        BarKind.Memory64Prefetchable => 0xC,
        _ => 0,
    };
}
