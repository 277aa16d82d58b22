namespace SoftIov.Api;

/// <summary>What one poller of the daemon did since it started.</summary>
/// <param name="Poller">Its number.</param>
/// <param name="Queues">Queue pairs, control queues, controllers and uplinks it polls.</param>
/// <param name="BusyPercent">Part of a processor that work took during the last second.</param>
/// <param name="BusySeconds">Time that work took, estimated from samples.</param>
/// <param name="AsleepSeconds">Time it slept.</param>
/// <param name="Sleeps">How often it slept.</param>
/// <param name="MovedIn">Queues that came from busier pollers.</param>
/// <param name="LongestGapMicroseconds">Longest time between two rounds while it was awake.</param>
/// <param name="Gaps">All such times, shortest first.</param>
/// <param name="Core">Processor it is bound to; null when the kernel places it.</param>
public sealed record PollerStats(
    int Poller,
    int Queues,
    double BusyPercent,
    double BusySeconds,
    double AsleepSeconds,
    long Sleeps,
    long MovedIn,
    double LongestGapMicroseconds,
    IReadOnlyList<PollGap> Gaps,
    int? Core = null)
{
    /// <summary>Microseconds that a share of the gaps was shorter than; 0 when there was none.</summary>
    public double GapMicroseconds(double share) => PollGap.Quantile(Gaps, share);
}
