namespace SoftIov.Datapath;

/// <summary>What a poller lends to the things it polls: its scratch batch and the time. Allocated once per poller.</summary>
public sealed class PollContext
{
    /// <summary>Frames or commands of a visit when nothing limits it: a batch.</summary>
    public const int FullBudget = FrameBatch.Capacity;

    /// <summary>A context of one's own, for tests and tools that poll by hand.</summary>
    public PollContext(long nowTicks = 0)
    {
        NowTicks = nowTicks;
    }

    /// <summary>The poller's frame batch; empty when a poll starts, and to be left empty.</summary>
    public FrameBatch Frames { get; } = new();

    /// <summary>Monotonic time in ticks of the scheduler's clock (<see cref="System.Diagnostics.Stopwatch"/>'s), read once per round.</summary>
    public long NowTicks { get; internal set; }

    /// <summary>
    /// Most frames or commands to handle in this visit, 1..<see cref="FullBudget"/>: fewer than a batch for whoever takes long for one.
    /// </summary>
    public int Budget { get; internal set; } = FullBudget;

    internal long DeadlineTicks { get; set; } = long.MaxValue;

    /// <summary>
    /// Asks the poller to come back to this pollable no later than at this time although nothing wakes it (rate limits, coalescing timers).
    /// Holds until its next poll.
    /// </summary>
    public void WakeAt(long ticks) => DeadlineTicks = Math.Min(DeadlineTicks, ticks);
}
