namespace SoftIov.Datapath;

/// <summary>How busy a poller or pollable was between the last two looks at it.</summary>
internal sealed class PollLoad
{
    private long _seenTicks;

    /// <summary>Part of one processor, 0..1.</summary>
    public double Share { get; private set; }

    /// <summary>When it was moved last; long ago at first.</summary>
    public long MovedAtTicks { get; set; } = long.MinValue;

    /// <summary>Looks again, <paramref name="elapsedTicks"/> after the last time.</summary>
    public void Update(long busyTicks, long elapsedTicks)
    {
        Share = elapsedTicks <= 0 ? 0 : Math.Clamp((double)(busyTicks - _seenTicks) / elapsedTicks, 0, 1);
        _seenTicks = busyTicks;
    }
}
