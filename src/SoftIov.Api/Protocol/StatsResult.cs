namespace SoftIov.Api;

/// <summary>Counters of all functions, and what pollers did, at one time.</summary>
/// <param name="Time">When they were read.</param>
/// <param name="Functions">In order of adapters and functions.</param>
/// <param name="Pollers">In order of their numbers; null where they were not asked for.</param>
public sealed record StatsResult(DateTimeOffset Time, IReadOnlyList<FunctionStats> Functions, IReadOnlyList<PollerStats>? Pollers = null);
