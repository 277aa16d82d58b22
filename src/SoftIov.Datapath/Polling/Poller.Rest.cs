namespace SoftIov.Datapath;

/// <content>What a poller does when a round gave nothing: looks again, yields, sleeps; and what it counts of its time.</content>
internal sealed partial class Poller
{
    /// <summary>How long it looks again at once before it lets others have the processor in between.</summary>
    private const int LookAgainMicroseconds = 2;

    /// <summary>Others want this processor when a yield takes so long.</summary>
    private const int LongYieldMicroseconds = 100;

    /// <summary>How long that is remembered.</summary>
    private const int NoYieldMilliseconds = 100;

    private readonly long _lookAgainTicks = LookAgainMicroseconds * time.TimestampFrequency / 1_000_000;
    private readonly long _longYieldTicks = LongYieldMicroseconds * time.TimestampFrequency / 1_000_000;
    private readonly long _noYieldTicks = NoYieldMilliseconds * time.TimestampFrequency / 1_000;
    private long _roundAtTicks = long.MinValue;
    private long _workedAtTicks;
    private long _noYieldUntilTicks = long.MinValue;
    private long _busyTicks;
    private long _asleepTicks;
    private long _sleeps;
    private int _asleep;

    /// <summary>Time that visits with work took, estimated from samples.</summary>
    public long BusyTicks
    {
        get => Volatile.Read(ref _busyTicks);
        set => Volatile.Write(ref _busyTicks, value);
    }

    /// <summary>Time it slept.</summary>
    public long AsleepTicks => Volatile.Read(ref _asleepTicks);

    /// <summary>How often it slept.</summary>
    public long Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>Time between two rounds while awake.</summary>
    public PollGaps Gaps { get; } = new();

    /// <summary>The balancer's own.</summary>
    public PollLoad Load { get; } = new();

    /// <summary>Rests after a round without work: gives the processor away, or sleeps when nothing is ready.</summary>
    public void Rest()
    {
        if (HasReady())
        {
            if (!_turns.HaveSkipped && _context.NowTicks - _workedAtTicks >= _lookAgainTicks)
            {
                Yield();
            }

            return;
        }

        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
        long start = time.GetTimestamp();
        long left = _earliestDeadlineTicks == long.MaxValue ? long.MaxValue : _earliestDeadlineTicks - start;
        if (!HasReady() && left > 0)
        {
            sleeper.Sleep(left == long.MaxValue ? Timeout.InfiniteTimeSpan : ToTimeSpan(left));
            long now = time.GetTimestamp();
            _lookedAtTicks = now;
            _roundAtTicks = now;
            Volatile.Write(ref _asleepTicks, _asleepTicks + now - start);
            Volatile.Write(ref _sleeps, _sleeps + 1);
        }

        Volatile.Write(ref _asleep, 0);
    }

    /// <summary>Wakes the thread if it sleeps or is about to.</summary>
    public void WakeIfAsleep()
    {
        // Pairs with the barrier in Rest: either this sees it asleep, or it sees the ready bit that was set before.
        if (Volatile.Read(ref _asleep) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0)
        {
            sleeper.Wake();
        }
    }

    /// <summary>Ends a sleep for good reason other than work: the scheduler stops.</summary>
    public void Interrupt() => sleeper.Wake();

    /// <summary>
    /// A yield that took long shows that others want this processor: whoever yields gets it back when they have used theirs up, whoever sleeps
    /// gets it back when he is woken. For a while it polls on without yielding then, as long as it may, and sleeps.
    /// </summary>
    private void Yield()
    {
        long start = time.GetTimestamp();
        if (start < _noYieldUntilTicks)
        {
            return;
        }

        Thread.Yield();
        long now = time.GetTimestamp();
        if (now - start >= _longYieldTicks)
        {
            _noYieldUntilTicks = now + _noYieldTicks;
        }
    }

    private void CountGap(long now)
    {
        if (_roundAtTicks != long.MinValue)
        {
            Gaps.Add(now - _roundAtTicks);
        }

        _roundAtTicks = now;
    }

    private bool HasReady()
    {
        int slots = Volatile.Read(ref _slots);
        return _ready.Next(0, slots) < slots;
    }

    private TimeSpan ToTimeSpan(long ticks) => TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency);
}
