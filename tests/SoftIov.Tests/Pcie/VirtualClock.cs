namespace SoftIov.Tests.Pcie;

/// <summary>
/// A clock that stands still until told. With <see cref="Jumps"/> set it goes ahead by itself to whatever is waited for, so that code with
/// waits of seconds runs at once; <see cref="Waits"/> tells what was waited for.
/// </summary>
internal sealed class VirtualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Alarm> _alarms = [];
    private long _now = 1_000_000_000;

    public bool Jumps { get; init; }

    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public void Advance(TimeSpan time)
    {
        List<Alarm> due;
        lock (_gate)
        {
            _now += time.Ticks;
            due = _alarms.FindAll(alarm => alarm.At <= _now);
            _alarms.RemoveAll(due.Contains);
        }

        foreach (Alarm alarm in due)
            alarm.Ring();
    }

    /// <summary>Completes once <paramref name="count"/> waits were started in all.</summary>
    public async Task UntilWaits(int count)
    {
        while (true)
        {
            lock (_gate)
            {
                if (Waits.Count >= count)
                    return;
            }

            await Task.Yield();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Alarm alarm = new(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    private void Set(Alarm alarm, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _alarms.Remove(alarm);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return;
            Waits.Add(dueTime);
            alarm.At = _now + dueTime.Ticks;
            _alarms.Add(alarm);
        }

        if (Jumps)
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
    }

    private void Drop(Alarm alarm)
    {
        lock (_gate)
            _alarms.Remove(alarm);
    }

    private sealed class Alarm(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long At { get; set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            return true;
        }

        public void Dispose() => clock.Drop(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
