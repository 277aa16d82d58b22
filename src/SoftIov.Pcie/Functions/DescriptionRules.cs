using System.Numerics;

namespace SoftIov.Pcie;

/// <summary>What a personality's description must hold, so that nothing of it can go wrong once a guest touches the function.</summary>
internal static class DescriptionRules
{
    private const int MostMsiVectors = 32;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first thing that does not fit.</summary>
    public static void Check(PersonalityDescription description)
    {
        BarLayout bars = new(description.Bars);
        ArgumentOutOfRangeException.ThrowIfNegative(description.MsixVectorCount, nameof(description));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(description.MsixVectorCount, MsixTableRegisters.Count, nameof(description));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(description.InterruptPin, 4, nameof(description));
        if (description.MsiVectorCount is < 0 or > MostMsiVectors || BitOperations.PopCount((uint)description.MsiVectorCount) > 1)
            throw new ArgumentException($"{description.MsiVectorCount} is no number of MSI vectors", nameof(description));
        if (description.MsixVectorCount == 0)
            return;
        ulong size = bars[description.MsixBar].Size;
        ulong table = description.MsixTableOffset;
        ulong tableEnd = table + (ulong)MsixTable.TableBytes(description.MsixVectorCount);
        ulong pending = description.MsixPbaOffset;
        ulong pendingEnd = pending + (ulong)MsixTable.PendingBytes(description.MsixVectorCount);
        bool isAligned = ((table | pending) & 7) == 0;
        if (!isAligned || tableEnd > size || pendingEnd > size || (table < pendingEnd && pending < tableEnd))
            throw new ArgumentException($"the MSI-X table and its pending bits have no place in BAR {description.MsixBar}", nameof(description));
    }
}
