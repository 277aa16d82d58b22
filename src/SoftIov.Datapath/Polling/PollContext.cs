namespace SoftIov.Datapath;

/// <summary>What a poller lends to the things it polls: its scratch batch and the time. Allocated once per poller.</summary>
public sealed class PollContext
{
    /// <summary>The poller's frame batch; empty when a poll starts, and to be left empty.</summary>
    public FrameBatch Frames { get; } = new();

    /// <summary>Monotonic time in <see cref="System.Diagnostics.Stopwatch"/> ticks, read once per round.</summary>
    public long NowTicks { get; internal set; }

    /// <summary>Asks the poller to come back no later than at this time although nothing wakes it (rate limits, coalescing timers).</summary>
    public void WakeAt(long ticks) => NextDeadlineTicks = Math.Min(NextDeadlineTicks, ticks);

    internal long NextDeadlineTicks { get; set; } = long.MaxValue;
}
