namespace SoftIov.Datapath;

/// <summary>The line that functions of one adapter share.</summary>
internal sealed class LineRate(long ticksPerSecond)
{
    public long TicksPerSecond => ticksPerSecond;

    public TokenBucket Bucket { get; } = new(ticksPerSecond);

    public int Megabits
    {
        get => (int)(Bucket.PerSecond / RateLimiter.BytesPerMegabit);
        set => Bucket.PerSecond = value * RateLimiter.BytesPerMegabit;
    }
}
