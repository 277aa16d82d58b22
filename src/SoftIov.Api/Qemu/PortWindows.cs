using System.Numerics;
using System.Text.Json.Nodes;

namespace SoftIov.Api;

/// <summary>
/// Memory that firmware left open behind a port, as <c>query-pci</c> tells it. An operating system cannot widen it for a device that is
/// plugged in later: what does not fit gets no address.
/// </summary>
/// <param name="Memory">The window for everything.</param>
/// <param name="Prefetchable">The window for prefetchable BARs.</param>
internal readonly record struct PortWindows((long Base, long Limit) Memory, (long Base, long Limit) Prefetchable)
{
    /// <summary>The windows of a bridge; null while they are closed, as before firmware ran: then nothing is known.</summary>
    public static PortWindows? Of(JsonObject bridge)
    {
        var windows = new PortWindows(Window(bridge["bus"]?["memory_range"]), Window(bridge["bus"]?["prefetchable_range"]));
        return Bytes(windows.Memory) > 0 && Bytes(windows.Prefetchable) > 0 ? windows : null;
    }

    /// <summary>What a port needs so that <paramref name="bars"/> fit wherever firmware puts it, as options of a pcie-root-port.</summary>
    public static string Options(IReadOnlyList<PciBar> bars) =>
        $"mem-reserve={Text(Reserve(bars.Where(bar => !bar.IsPrefetchable)))},pref64-reserve={Text(Reserve(bars.Where(bar => bar.IsPrefetchable)))}";

    /// <summary>Sums of <paramref name="bars"/>, for people.</summary>
    public static string Needs(IReadOnlyList<PciBar> bars) =>
        $"{Text(bars.Where(bar => !bar.IsPrefetchable).Sum(bar => bar.Bytes))} of memory and " +
        $"{Text(bars.Where(bar => bar.IsPrefetchable).Sum(bar => bar.Bytes))} of prefetchable memory";

    /// <summary>Whether <paramref name="bars"/> fit, each at a multiple of its size; prefetchable ones may lie in either window.</summary>
    public bool HaveRoomFor(IReadOnlyList<PciBar> bars)
    {
        List<(long Base, long Limit)> memory = [Memory];
        List<(long Base, long Limit)> prefetchable = [Prefetchable];
        return bars.OrderBy(bar => bar.IsPrefetchable).ThenByDescending(bar => bar.Bytes)
            .All(bar => (bar.IsPrefetchable && Take(prefetchable, bar.Bytes)) || Take(memory, bar.Bytes));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Text(Bytes(Memory))} and {Text(Bytes(Prefetchable))}";

    private static (long Base, long Limit) Window(JsonNode? range) =>
        range is null ? (0, -1) : (range["base"]!.GetValue<long>(), range["limit"]!.GetValue<long>());

    private static long Bytes((long Base, long Limit) window) => window.Limit + 1 - window.Base;

    /// <summary>Takes an aligned piece out of one of the gaps.</summary>
    private static bool Take(List<(long Base, long Limit)> gaps, long bytes)
    {
        for (int i = 0; i < gaps.Count; i++)
        {
            (long first, long limit) = gaps[i];
            long start = (first + bytes - 1) & -bytes;
            if (start + bytes - 1 > limit)
            {
                continue;
            }

            gaps[i] = (first, start - 1);
            gaps.Add((start + bytes, limit));
            return true;
        }

        return false;
    }

    /// <summary>A window of twice the largest BAR holds it at whatever MiB the window begins.</summary>
    private static long Reserve(IEnumerable<PciBar> bars) => (long)BitOperations.RoundUpToPowerOf2((ulong)bars.Sum(bar => bar.Bytes) + 1);

    private static string Text(long bytes) => bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? $"{bytes >> 20}M" : $"{bytes >> 10}K";
}
