namespace SoftIov.Api;

/// <summary>Counters of one function.</summary>
/// <param name="Target"><c>net0/pf</c> or <c>net0/3</c>.</param>
/// <param name="Counters">Traffic so far.</param>
public sealed record FunctionStats(string Target, FunctionCounters Counters);
