using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Rates of all functions, and what pollers did, between two readings.</summary>
/// <param name="Time">Of the later reading.</param>
/// <param name="Seconds">Between the two.</param>
/// <param name="Functions">In the order of the reading.</param>
/// <param name="Pollers">In the order of the reading; null where they were not asked for.</param>
internal sealed record StatsRates(
    DateTimeOffset Time, double Seconds, IReadOnlyList<FunctionRates> Functions, IReadOnlyList<PollerRates>? Pollers)
{
    /// <summary>What happened from one reading to the next; a function that was not there before counts from 0.</summary>
    public static StatsRates Between(StatsResult before, StatsResult now)
    {
        double seconds = Math.Max((now.Time - before.Time).TotalSeconds, 1e-3);
        var earlier = before.Functions.ToDictionary(f => f.Target, f => f.Counters);
        return new StatsRates(
            now.Time,
            seconds,
            [.. now.Functions.Select(f => FunctionRates.Between(earlier.GetValueOrDefault(f.Target), f, seconds))],
            now.Pollers?.Select(p => PollerRates.Between(before.Pollers?.FirstOrDefault(b => b.Poller == p.Poller), p, seconds)).ToArray());
    }
}
