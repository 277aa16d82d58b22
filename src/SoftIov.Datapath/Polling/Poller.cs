namespace SoftIov.Datapath;

/// <summary>
/// One poller: visits what is ready, one burst each and round by round, arms what gave nothing for a while, sleeps when nothing is ready.
/// The thread is somebody else's; this is what it does.
/// </summary>
internal sealed partial class Poller(IPollerSleep sleeper, PollSettings settings, TimeProvider time, Action<PollHandle, Exception> onFault)
{
    /// <summary>How long a busy poller leaves what only its sleep can notice (descriptors) unnoticed.</summary>
    private const int LookMicroseconds = 50;

    /// <summary>One round in so many is timed visit by visit, to know loads. While pollables contend, all are.</summary>
    private const int SampledRounds = 32;

    private readonly PollContext _context = new();
    private readonly PollTurns _turns = new(time.TimestampFrequency);
    private readonly long _lookTicks = LookMicroseconds * time.TimestampFrequency / 1_000_000;
    private readonly long _spinTicks = settings.SpinMicroseconds * time.TimestampFrequency / 1_000_000;
    private long _earliestDeadlineTicks = long.MaxValue;
    private long _lookedAtTicks;
    private long _visitedAtTicks;
    private int _weight;
    private int _start;

    /// <summary>One round; how many frames or commands it handled.</summary>
    public int RunRound()
    {
        // A full barrier: what this round reads is read after the round can be seen. Pairs with the one in WaitForQuietPoint.
        long round = Interlocked.Increment(ref _rounds.Value) >> 1;
        long now = time.GetTimestamp();
        _context.NowTicks = now;
        CountGap(now);
        if (now >= _earliestDeadlineTicks)
        {
            WakeOverdue(now);
        }

        if (now - _lookedAtTicks >= _lookTicks)
        {
            _lookedAtTicks = now;
            sleeper.Sleep(TimeSpan.Zero);
        }

        _weight = _turns.AreContended ? 1 : round % SampledRounds == 0 ? SampledRounds : 0;
        _visitedAtTicks = _weight != 0 ? time.GetTimestamp() : 0;
        int slots = Volatile.Read(ref _slots);
        int first = _start < slots ? _start : 0;
        _start = first + 1;
        int handled = Visit(first, slots, now) + Visit(0, first, now);
        _turns.EndRound(now);
        _workedAtTicks = handled > 0 ? now : _workedAtTicks;
        Volatile.Write(ref _rounds.Value, _rounds.Value + 1);
        return handled;
    }

    private int Visit(int first, int end, long now)
    {
        int handled = 0;
        for (int slot = _ready.Next(first, end); slot < end; slot = _ready.Next(slot + 1, end))
        {
            PollHandle? handle = Volatile.Read(ref _handles)[slot];
            if (handle is null || handle.IsStopped)
            {
                LeaveOut(slot);
                continue;
            }

            if (!_turns.IsDue(handle))
            {
                continue;
            }

            try
            {
                handled += Visit(handle, slot, now);
            }
            catch (Exception broken)
            {
                Stop(handle, slot, broken);
            }
        }

        return handled;
    }

    private int Visit(PollHandle handle, int slot, long now)
    {
        if (handle.IsArmed)
        {
            handle.IsArmed = false;
            handle.BusyAtTicks = now;
            handle.Pollable.Disarm();
        }

        _context.Budget = handle.Budget;
        int handled = Look(handle);
        if (handled == 0 && (now - handle.BusyAtTicks >= _spinTicks || _context.DeadlineTicks != long.MaxValue))
        {
            handled = LookAndArm(handle, slot);
        }

        if (handled > 0)
        {
            handle.BusyAtTicks = now;
            Account(handle, handled);
        }

        return handled;
    }

    private int Look(PollHandle handle)
    {
        _context.DeadlineTicks = long.MaxValue;
        handle.DeadlineTicks = long.MaxValue;
        return handle.Pollable.Poll(_context);
    }

    /// <summary>A visit gave work: what it took is the time since the end of the last such visit of the round.</summary>
    private void Account(PollHandle handle, int handled)
    {
        _turns.CountBusy();
        if (_weight == 0)
        {
            return;
        }

        long now = time.GetTimestamp();
        long spent = now - _visitedAtTicks;
        _visitedAtTicks = now;
        handle.BusyTicks += spent * _weight;
        BusyTicks += spent * _weight;
        _turns.Charge(handle, spent, handled);
    }

    /// <summary>
    /// The bit goes before the pollable is polled a last time: who wakes it before that finds the bit set and does nothing, and what it was
    /// woken for, whatever that is, is found now. Returns what was handled: then it is not armed.
    /// </summary>
    private int LookAndArm(PollHandle handle, int slot)
    {
        _ready.Clear(slot);
        int handled = Look(handle);
        if (handled > 0)
        {
            _ready.Set(slot);
            return handled;
        }

        if (handle.Pollable.Arm(_context))
        {
            handle.Pollable.Disarm();
            _ready.Set(slot);
            return 0;
        }

        handle.IsArmed = true;
        handle.DeadlineTicks = _context.DeadlineTicks;
        _earliestDeadlineTicks = Math.Min(_earliestDeadlineTicks, handle.DeadlineTicks);
        return 0;
    }

    /// <summary>A wake of what is here no more, or of its successor, which may have come since the poller looked.</summary>
    private void LeaveOut(int slot)
    {
        _ready.Clear(slot);
        if (Volatile.Read(ref Volatile.Read(ref _handles)[slot]) is { IsStopped: false })
        {
            _ready.Set(slot);
        }
    }

    private void WakeOverdue(long now)
    {
        _earliestDeadlineTicks = long.MaxValue;
        PollHandle?[] handles = Volatile.Read(ref _handles);
        for (int slot = 0; slot < handles.Length; slot++)
        {
            PollHandle? handle = Volatile.Read(ref handles[slot]);
            if (handle is null)
            {
                continue;
            }

            if (handle.DeadlineTicks <= now)
            {
                handle.DeadlineTicks = long.MaxValue;
                _ready.Set(slot);
            }

            _earliestDeadlineTicks = Math.Min(_earliestDeadlineTicks, handle.DeadlineTicks);
        }
    }

    private void Stop(PollHandle handle, int slot, Exception broken)
    {
        handle.IsStopped = true;
        _ready.Clear(slot);
        _context.Frames.Reset();
        onFault(handle, broken);
    }
}
