using System.Numerics;

namespace SoftIov.Pcie;

/// <summary>The first stretch of a BAR access that one party answers, in the widths a personality expects.</summary>
/// <param name="Kind">Who answers.</param>
/// <param name="Offset">Offset in the MSI-X table or pending bits.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct BarPart(BarPartKind Kind, int Offset, int Length)
{
    private const int LargestWidth = 8;

    /// <summary>Splits an access of <paramref name="length"/> bytes at <paramref name="offset"/>.</summary>
    public static BarPart At(PciFunction function, int index, ulong offset, int length)
    {
        PersonalityDescription description = function.Description;
        ulong size = function.Bars.Size(index);
        if (offset >= size)
            return new(BarPartKind.Hole, 0, length);
        int width = Width(offset, (int)Math.Min((ulong)length, size - offset));
        if (index != description.MsixBar || description.MsixVectorCount == 0)
            return new(BarPartKind.Personality, 0, width);
        return Inside(BarPartKind.MsixTable, description.MsixTableOffset, function.Msix.TableLength, offset, ref width)
            ?? Inside(BarPartKind.MsixPending, description.MsixPbaOffset, function.Msix.PendingLength, offset, ref width)
            ?? new(BarPartKind.Personality, 0, width);
    }

    /// <summary>Null when the access starts outside; then it is also cut where it would run in.</summary>
    private static BarPart? Inside(BarPartKind kind, uint start, int length, ulong offset, ref int width)
    {
        if (offset < start)
            width = (int)Math.Min((ulong)width, start - offset);
        ulong into = offset - start;
        return offset < start || into >= (ulong)length
            ? null
            : new(kind, (int)into, (int)Math.Min((ulong)width, (ulong)length - into));
    }

    private static int Width(ulong offset, int length)
    {
        if (length <= LargestWidth && BitOperations.IsPow2(length))
            return length;
        int aligned = 1 << Math.Min(3, BitOperations.TrailingZeroCount(offset));
        return Math.Min(aligned, 1 << BitOperations.Log2((uint)length));
    }
}
