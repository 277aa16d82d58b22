namespace SoftIov.Datapath;

/// <summary>
/// A rate limit as one number: the time at which everything sent so far is paid for (the generic cell rate algorithm). Credit is how far
/// that time may still run ahead of now. Several pollers charge one bucket, once per burst.
/// </summary>
internal sealed class TokenBucket(long ticksPerSecond)
{
    private const int BurstsPerSecond = 500;
    private const double BytesPerMegabit = 125_000;

    private readonly long _burstTicks = ticksPerSecond / BurstsPerSecond;
    private long _paidTicks = long.MinValue;
    private double _ticksPerByte;
    private int _megabits;

    /// <summary>Rate in Mbit/s; 0 is no limit.</summary>
    public int Megabits
    {
        get => _megabits;
        set
        {
            _megabits = value;
            Volatile.Write(ref _ticksPerByte, value == 0 ? 0 : ticksPerSecond / (value * BytesPerMegabit));
        }
    }

    /// <summary>
    /// Bytes that may go now, at most 2 ms worth; when 0, the time at which half of that is there again. Callers may overdraw by a frame.
    /// </summary>
    public int CreditBytes(long nowTicks, out long retryAtTicks)
    {
        double ticksPerByte = Volatile.Read(ref _ticksPerByte);
        retryAtTicks = nowTicks;
        if (ticksPerByte == 0)
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

        return (int)Math.Clamp(left / ticksPerByte, 1, int.MaxValue);
    }

    /// <summary>Pays for bytes that were sent.</summary>
    public void Charge(long bytes, long nowTicks)
    {
        double ticksPerByte = Volatile.Read(ref _ticksPerByte);
        if (ticksPerByte == 0)
        {
            return;
        }

        long cost = (long)(bytes * ticksPerByte);
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
