namespace SoftIov.Datapath;

/// <summary>
/// Shares a poller's time evenly among pollables that have work at the same time, whatever a burst of each costs. Who has used more than the
/// others by a quantum waits until they have used as much, or have no work; and whoever needs longer than a quantum for a burst gets shorter
/// ones, so that nobody waits for long. While only one has work the clock is looked at in few rounds.
/// </summary>
internal sealed class PollTurns(long ticksPerSecond)
{
    private const int QuantumMicroseconds = 50;

    /// <summary>Contention that comes and goes within this time, or so many rounds, is one.</summary>
    private const int MemoryMicroseconds = 1000;
    private const int MemoryRounds = 64;

    /// <summary>A visit counts for no more than so many quanta: it was interrupted by others than the pollable.</summary>
    private const int MostQuanta = 8;

    /// <summary>One visit makes bursts shorter by this at most, for the same reason.</summary>
    private const int MostShortening = 4;

    private readonly long _quantumTicks = QuantumMicroseconds * ticksPerSecond / 1_000_000;
    private readonly long _memoryTicks = MemoryMicroseconds * ticksPerSecond / 1_000_000;
    private long _contendedUntilTicks = long.MinValue;
    private int _contendedRounds;
    private long _floorTicks;
    private long _leastTicks = long.MaxValue;
    private int _busy;
    private int _skipped;
    private bool _isOpen;

    /// <summary>Several had work lately: visits are timed.</summary>
    public bool AreContended { get; private set; }

    /// <summary>Somebody who may have work was left out in the last round.</summary>
    public bool HaveSkipped { get; private set; }

    /// <summary>Whether it is this one's turn.</summary>
    public bool IsDue(PollHandle handle)
    {
        if (!AreContended || _isOpen || handle.UsedTicks - _floorTicks <= _quantumTicks)
        {
            return true;
        }

        _skipped++;
        return false;
    }

    /// <summary>A visit of this round gave work.</summary>
    public void CountBusy() => _busy++;

    /// <summary>A visit that gave work took so long.</summary>
    public void Charge(PollHandle handle, long ticks, int handled)
    {
        if (ticks > _quantumTicks)
        {
            // Who ends what was begun earlier, beside what he begins, handles more than a burst.
            long fitting = Math.Min(handled * _quantumTicks / ticks, PollContext.FullBudget);
            handle.Budget = (int)Math.Max(fitting, Math.Max(1, handle.Budget / MostShortening));
        }
        else if (ticks < _quantumTicks / 2)
        {
            handle.Budget = Math.Min(2 * handle.Budget, PollContext.FullBudget);
        }

        if (!AreContended)
        {
            return;
        }

        // Nobody else had work: what an open round takes is taken from none.
        long spent = _isOpen ? 0 : Math.Min(ticks, MostQuanta * _quantumTicks);
        handle.UsedTicks = Math.Max(handle.UsedTicks, _floorTicks) + spent;
        _leastTicks = Math.Min(_leastTicks, handle.UsedTicks);
    }

    /// <summary>The round is over.</summary>
    public void EndRound(long now)
    {
        if (_busy > 1 || (_busy == 1 && _skipped > 0))
        {
            _contendedUntilTicks = now + _memoryTicks;
            _contendedRounds = MemoryRounds;
        }

        if (_leastTicks != long.MaxValue)
        {
            _floorTicks = Math.Max(_floorTicks, _leastTicks);
        }

        _contendedRounds = Math.Max(0, _contendedRounds - 1);
        AreContended = _contendedRounds > 0 || now < _contendedUntilTicks;
        HaveSkipped = _skipped > 0;
        _isOpen = _busy == 0;
        _leastTicks = long.MaxValue;
        _busy = 0;
        _skipped = 0;
    }
}
