using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>What one poller did between two readings.</summary>
internal sealed record PollerRates(
    int Poller,
    int? Core,
    int Queues,
    double BusyPercent,
    double AsleepPercent,
    double SleepsPerSecond,
    long MovedIn,
    double GapP50Microseconds,
    double GapP99Microseconds,
    double GapMaxMicroseconds)
{
    /// <summary>From two readings; <paramref name="before"/> is null for a poller that was not there.</summary>
    public static PollerRates Between(PollerStats? before, PollerStats now, double seconds)
    {
        var counted = before?.Gaps.ToDictionary(gap => gap.BelowMicroseconds, gap => gap.Count) ?? [];
        PollGap[] gaps =
        [
            .. now.Gaps.Select(gap => gap with { Count = gap.Count - counted.GetValueOrDefault(gap.BelowMicroseconds) })
                .Where(gap => gap.Count > 0),
        ];
        return new PollerRates(
            now.Poller,
            now.Core,
            now.Queues,
            Percent((now.BusySeconds - (before?.BusySeconds ?? 0)) / seconds),
            Percent((now.AsleepSeconds - (before?.AsleepSeconds ?? 0)) / seconds),
            Math.Round((now.Sleeps - (before?.Sleeps ?? 0)) / seconds, 3),
            now.MovedIn - (before?.MovedIn ?? 0),
            PollGap.Quantile(gaps, 0.5),
            PollGap.Quantile(gaps, 0.99),
            gaps.Length == 0 ? 0 : gaps[^1].BelowMicroseconds);
    }

    private static double Percent(double share) => Math.Round(100 * Math.Clamp(share, 0, 1), 1);
}
