namespace SoftIov.Datapath;

/// <content>Places of pollables. All of it is called by control code, under the scheduler's lock.</content>
internal sealed partial class Poller
{
    private readonly ReadyBits _ready = new();
    private readonly Stack<int> _freeSlots = new();
    private PollHandle?[] _handles = new PollHandle?[16];
    private PaddedCounter _rounds;
    private int _slots;

    /// <summary>Which of the scheduler's pollers it is.</summary>
    public int Index { get; init; }

    /// <summary>Pollables it has.</summary>
    public int Count { get; private set; }

    /// <summary>Pollables that came from other pollers.</summary>
    public long Arrivals { get; set; }

    /// <summary>Room for another.</summary>
    public bool HasRoom => _freeSlots.Count > 0 || _slots < ReadyBits.Capacity;

    /// <summary>What it has; null where a slot is free.</summary>
    public ReadOnlySpan<PollHandle?> Handles => _handles;

    /// <summary>Adds a pollable, ready.</summary>
    public PollHandle Add(IPollable pollable, string name, bool canMove = true)
    {
        var handle = new PollHandle(pollable, name, canMove);
        Attach(handle);
        return handle;
    }

    /// <summary>Takes a pollable out for good and waits until it is left alone; nothing happens the second time.</summary>
    public void Remove(PollHandle handle)
    {
        handle.IsStopped = true;
        Detach(handle);
    }

    /// <summary>Gives a pollable a place here, ready. It has none elsewhere.</summary>
    public void Attach(PollHandle handle)
    {
        if (!HasRoom)
        {
            throw new InvalidOperationException($"A poller holds {ReadyBits.Capacity} pollables at most.");
        }

        int slot = _freeSlots.Count > 0 ? _freeSlots.Pop() : _slots;
        PollHandle?[] handles = _handles;
        if (slot == handles.Length)
        {
            Array.Resize(ref handles, 2 * slot);
        }

        handles[slot] = handle;
        Volatile.Write(ref _handles, handles);
        Volatile.Write(ref _slots, Math.Max(_slots, slot + 1));
        Count++;

        // Only now, or a wake could set the bit of a slot at which the poller does not look yet, and all later ones would find it set.
        handle.Place = new PollPlace(this, _ready, slot);
        handle.Wake();
    }

    /// <summary>Takes a pollable out and waits until it is left alone; false when it has no place here any more.</summary>
    public bool Detach(PollHandle handle)
    {
        int slot = handle.Place.Slot;
        if (_handles[slot] != handle)
        {
            return false;
        }

        Volatile.Write(ref _handles[slot], null);
        Count--;
        WaitForQuietPoint();
        _freeSlots.Push(slot);
        return true;
    }

    /// <summary>Waits for the end of the round it is in, if it is in one. Any thread but the poller's.</summary>
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
}
