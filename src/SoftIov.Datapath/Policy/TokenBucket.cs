namespace SoftIov.Datapath;

/// <summary>
/// A rate limit as one number: the time at which everything sent so far is paid for (the generic cell rate algorithm). Credit is how far
/// that time may still run ahead of now. Several pollers charge one bucket, once per burst.
/// </summary>
public sealed class TokenBucket(long ticksPerSecond)
{
    private const int BurstsPerSecond = 500;

    private readonly long _burstTicks = ticksPerSecond / BurstsPerSecond;
    private long _paidTicks = long.MinValue;
    private double _ticksPerUnit;
    private long _perSecond;

    /// <summary>Units (bytes, commands) per second; 0 is no limit.</summary>
    public long PerSecond
    {
        get => _perSecond;
        set
        {
            _perSecond = value;
            Volatile.Write(ref _ticksPerUnit, value == 0 ? 0 : (double)ticksPerSecond / value);
        }
    }

    /// <summary>
    /// Units that may go now, at most 2 ms worth; when 0, the time at which half of that is there again. Callers may overdraw by one burst.
    /// </summary>
    public int Credit(long nowTicks, out long retryAtTicks)
    {
        double ticksPerUnit = Volatile.Read(ref _ticksPerUnit);
        retryAtTicks = nowTicks;
        if (ticksPerUnit == 0)
        {
            return int.MaxValue;
        }

        long paid = Math.Max(Volatile.Read(ref _paidTicks), nowTicks);
        long left = nowTicks + _burstTicks - paid;
        if (left <= 0)
        {
            retryAtTicks = paid - (_burstTicks / 2);
            return 0;
        }

        return (int)Math.Clamp(left / ticksPerUnit, 1, int.MaxValue);
    }

    /// <summary>Pays for what went.</summary>
    public void Charge(long units, long nowTicks)
    {
        double ticksPerUnit = Volatile.Read(ref _ticksPerUnit);
        if (ticksPerUnit == 0)
        {
            return;
        }

        long cost = (long)(units * ticksPerUnit);
        long before = Volatile.Read(ref _paidTicks);
        while (true)
        {
            long seen = Interlocked.CompareExchange(ref _paidTicks, Math.Max(before, nowTicks) + cost, before);
            if (seen == before)
            {
                return;
            }

            before = seen;
        }
    }
}
