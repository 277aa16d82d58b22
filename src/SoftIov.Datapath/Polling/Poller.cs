namespace SoftIov.Datapath;

/// <summary>
/// One poller: visits what is ready, one burst each and round by round, arms what gave nothing for a while, sleeps when nothing is ready.
/// The thread is somebody else's; this is what it does.
/// </summary>
internal sealed class Poller(IPollerSleep sleeper, PollSettings settings, TimeProvider time, Action<PollHandle, Exception> onFault)
{
    /// <summary>How long a busy poller leaves what only its sleep can notice (descriptors) unnoticed.</summary>
    private const int LookMicroseconds = 50;

    private readonly ReadyBits _ready = new();
    private readonly PollContext _context = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly long _lookTicks = LookMicroseconds * time.TimestampFrequency / 1_000_000;
    private readonly long _spinTicks = settings.SpinMicroseconds * time.TimestampFrequency / 1_000_000;
    private PollHandle?[] _handles = new PollHandle?[16];
    private PaddedCounter _rounds;
    private long _earliestDeadlineTicks = long.MaxValue;
    private long _lookedAtTicks;
    private int _slots;
    private int _start;
    private int _asleep;

    /// <summary>Which of the scheduler's pollers it is.</summary>
    public int Index { get; init; }

    /// <summary>Pollables it has.</summary>
    public int Load { get; private set; }

    /// <summary>Adds a pollable, ready. Under the scheduler's lock.</summary>
    public PollHandle Add(IPollable pollable, string name)
    {
        int slot = _freeSlots.Count > 0 ? _freeSlots.Pop() : _slots;
        if (slot == ReadyBits.Capacity)
        {
            throw new InvalidOperationException($"A poller holds {ReadyBits.Capacity} pollables at most.");
        }

        var handle = new PollHandle(this, _ready, slot, pollable, name);
        PollHandle?[] handles = _handles;
        if (slot == handles.Length)
        {
            Array.Resize(ref handles, 2 * slot);
        }

        handles[slot] = handle;
        Volatile.Write(ref _handles, handles);
        Volatile.Write(ref _slots, Math.Max(_slots, slot + 1));
        Load++;
        handle.Wake();
        return handle;
    }

    /// <summary>Takes a pollable out and waits until it is left alone. Under the scheduler's lock; nothing happens the second time.</summary>
    public void Remove(PollHandle handle)
    {
        handle.IsStopped = true;
        if (_handles[handle.Slot] != handle)
        {
            return;
        }

        Volatile.Write(ref _handles[handle.Slot], null);
        Load--;
        WaitForQuietPoint();
        _freeSlots.Push(handle.Slot);
    }

    /// <summary>Wakes the thread if it sleeps or is about to.</summary>
    public void WakeIfAsleep()
    {
        // Pairs with the barrier in Sleep: either this sees it asleep, or it sees the ready bit that was set before.
        if (Volatile.Read(ref _asleep) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0)
        {
            sleeper.Wake();
        }
    }

    /// <summary>Waits for the end of the round it is in, if it is in one.</summary>
    public void WaitForQuietPoint()
    {
        Interlocked.MemoryBarrier();
        long seen = Volatile.Read(ref _rounds.Value);
        bool inRound = (seen & 1) != 0;
        for (var spin = default(SpinWait); inRound && Volatile.Read(ref _rounds.Value) == seen;)
        {
            spin.SpinOnce();
        }
    }

    /// <summary>One round; how many frames or commands it handled.</summary>
    public int RunRound()
    {
        // A full barrier: what this round reads is read after the round can be seen. Pairs with the one in WaitForQuietPoint.
        Interlocked.Increment(ref _rounds.Value);
        long now = time.GetTimestamp();
        _context.NowTicks = now;
        if (now >= _earliestDeadlineTicks)
        {
            WakeOverdue(now);
        }

        if (now - _lookedAtTicks >= _lookTicks)
        {
            _lookedAtTicks = now;
            sleeper.Sleep(TimeSpan.Zero);
        }

        int slots = Volatile.Read(ref _slots);
        int first = _start < slots ? _start : 0;
        _start = first + 1;
        int handled = Visit(first, slots, now) + Visit(0, first, now);
        Volatile.Write(ref _rounds.Value, _rounds.Value + 1);
        return handled;
    }

    /// <summary>Rests after a round without work: gives the processor away, or sleeps when nothing is ready.</summary>
    public void Rest()
    {
        if (HasReady())
        {
            Thread.Yield();
            return;
        }

        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
        long left = _earliestDeadlineTicks == long.MaxValue ? long.MaxValue : _earliestDeadlineTicks - time.GetTimestamp();
        if (!HasReady() && left > 0)
        {
            sleeper.Sleep(left == long.MaxValue ? Timeout.InfiniteTimeSpan : ToTimeSpan(left));
            _lookedAtTicks = time.GetTimestamp();
        }

        Volatile.Write(ref _asleep, 0);
    }

    /// <summary>Ends a sleep for good reason other than work: the scheduler stops.</summary>
    public void Interrupt() => sleeper.Wake();

    private bool HasReady()
    {
        int slots = Volatile.Read(ref _slots);
        return _ready.Next(0, slots) < slots;
    }

    private TimeSpan ToTimeSpan(long ticks) => TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency);

    private int Visit(int first, int end, long now)
    {
        int handled = 0;
        for (int slot = _ready.Next(first, end); slot < end; slot = _ready.Next(slot + 1, end))
        {
            PollHandle? handle = Volatile.Read(ref _handles)[slot];
            if (handle is null || handle.IsStopped)
            {
                _ready.Clear(slot);
                continue;
            }

            try
            {
                handled += Visit(handle, now);
            }
            catch (Exception broken)
            {
                Stop(handle, broken);
            }
        }

        return handled;
    }

    private int Visit(PollHandle handle, long now)
    {
        if (handle.IsArmed)
        {
            handle.IsArmed = false;
            handle.BusyAtTicks = now;
            handle.Pollable.Disarm();
        }

        _context.DeadlineTicks = long.MaxValue;
        handle.DeadlineTicks = long.MaxValue;
        int handled = handle.Pollable.Poll(_context);
        if (handled > 0)
        {
            handle.BusyAtTicks = now;
        }
        else if (now - handle.BusyAtTicks >= _spinTicks || _context.DeadlineTicks != long.MaxValue)
        {
            Arm(handle);
        }

        return handled;
    }

    /// <summary>The bit goes before the pollable looks for work a last time, so that no wake falls between the two.</summary>
    private void Arm(PollHandle handle)
    {
        _ready.Clear(handle.Slot);
        if (handle.Pollable.Arm(_context))
        {
            handle.Pollable.Disarm();
            _ready.Set(handle.Slot);
            return;
        }

        handle.IsArmed = true;
        handle.DeadlineTicks = _context.DeadlineTicks;
        _earliestDeadlineTicks = Math.Min(_earliestDeadlineTicks, handle.DeadlineTicks);
    }

    private void WakeOverdue(long now)
    {
        _earliestDeadlineTicks = long.MaxValue;
        foreach (PollHandle? handle in Volatile.Read(ref _handles))
        {
            if (handle is null)
            {
                continue;
            }

            if (handle.DeadlineTicks <= now)
            {
                handle.DeadlineTicks = long.MaxValue;
                _ready.Set(handle.Slot);
            }

            _earliestDeadlineTicks = Math.Min(_earliestDeadlineTicks, handle.DeadlineTicks);
        }
    }

    private void Stop(PollHandle handle, Exception broken)
    {
        handle.IsStopped = true;
        _ready.Clear(handle.Slot);
        _context.Frames.Reset();
        onFault(handle, broken);
    }
}
