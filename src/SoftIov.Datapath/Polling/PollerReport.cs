namespace SoftIov.Datapath;

/// <summary>What a poller did since it started.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Pollables">Pollables it has.</param>
/// <param name="BusyShare">Part of one processor that work took between the last two looks of the balancer, 0..1.</param>
/// <param name="Busy">Time that visits with work took, estimated from samples.</param>
/// <param name="Asleep">Time it slept.</param>
/// <param name="Sleeps">How often it slept.</param>
/// <param name="Arrivals">Pollables that came from other pollers.</param>
/// <param name="LongestGap">Longest time between two rounds while it was awake.</param>
/// <param name="Gaps">All such times, counted.</param>
public sealed record PollerReport(
    int Index,
    int Pollables,
    double BusyShare,
    TimeSpan Busy,
    TimeSpan Asleep,
    long Sleeps,
    long Arrivals,
    TimeSpan LongestGap,
    IReadOnlyList<PollGapCount> Gaps);
