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
        if (description.MsixVectorCount != 0)
            CheckMsix(description, bars[description.MsixBar].Size);
        if (description.Shared is { } shared)
            CheckShared(description, shared, bars[shared.Bar]);
    }

    private static void CheckMsix(PersonalityDescription description, ulong size)
    {
        ulong table = description.MsixTableOffset;
        ulong pending = description.MsixPbaOffset;
        bool isAligned = ((table | pending) & 7) == 0;
        if (!isAligned || TableEnd(description) > size || PendingEnd(description) > size
            || (table < PendingEnd(description) && pending < TableEnd(description)))
        {
            throw new ArgumentException($"the MSI-X table and its pending bits have no place in BAR {description.MsixBar}", nameof(description));
        }
    }

    private static void CheckShared(PersonalityDescription description, SharedBarMemory shared, BarDescription bar)
    {
        ulong end = shared.Offset + (ulong)Math.Max(shared.Length, 0);
        bool isMsix = description.MsixVectorCount != 0 && description.MsixBar == shared.Bar
            && ((shared.Offset < TableEnd(description) && description.MsixTableOffset < end)
                || (shared.Offset < PendingEnd(description) && description.MsixPbaOffset < end));
        if (shared.Length <= 0 || (shared.Offset | (uint)shared.Length) % SharedBarMemory.PageSize != 0 || end > bar.Size || isMsix)
            throw new ArgumentException($"there are no pages of BAR {shared.Bar} to share at {shared.Offset:X}h", nameof(description));
    }

    private static ulong TableEnd(PersonalityDescription description) =>
        description.MsixTableOffset + (ulong)MsixTable.TableBytes(description.MsixVectorCount);

    private static ulong PendingEnd(PersonalityDescription description) =>
        description.MsixPbaOffset + (ulong)MsixTable.PendingBytes(description.MsixVectorCount);
}
