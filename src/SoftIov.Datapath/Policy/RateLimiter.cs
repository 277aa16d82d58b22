namespace SoftIov.Datapath;

/// <summary>
/// max_tx_rate and min_tx_rate of one port. What a port sends within its minimum always goes and is charged to the line; what is beyond
/// goes while the line has room. So a minimum holds as long as the minima of all ports together fit the line.
/// </summary>
internal sealed class RateLimiter(LineRate line)
{
    public const long BytesPerMegabit = 125_000;

    private readonly TokenBucket _max = new(line.TicksPerSecond);
    private readonly TokenBucket _min = new(line.TicksPerSecond);

    public void Apply(VfPolicy policy)
    {
        _max.PerSecond = policy.MaxTxRateMegabits * BytesPerMegabit;
        _min.PerSecond = policy.MinTxRateMegabits * BytesPerMegabit;
    }

    public int CreditBytes(long nowTicks, out long retryAtTicks)
    {
        int credit = _max.Credit(nowTicks, out retryAtTicks);
        if (credit == 0 || line.Megabits == 0)
        {
            return credit;
        }

        long guaranteedAtTicks = long.MaxValue;
        int guaranteed = _min.PerSecond == 0 ? 0 : _min.Credit(nowTicks, out guaranteedAtTicks);
        int shared = line.Bucket.Credit(nowTicks, out retryAtTicks);
        retryAtTicks = Math.Min(retryAtTicks, guaranteedAtTicks);
        return Math.Min(credit, Math.Max(guaranteed, shared));
    }

    public void Charge(long bytes, long nowTicks)
    {
        _max.Charge(bytes, nowTicks);
        if (line.Megabits != 0)
        {
            _min.Charge(bytes, nowTicks);
            line.Bucket.Charge(bytes, nowTicks);
        }
    }
}
