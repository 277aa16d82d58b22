namespace SoftIov.Api;

/// <summary>Counters of all functions at one time.</summary>
/// <param name="Time">When they were read.</param>
/// <param name="Functions">In order of adapters and functions.</param>
public sealed record StatsResult(DateTimeOffset Time, IReadOnlyList<FunctionStats> Functions);
