namespace SoftIov.Datapath;

/// <summary>A pollable in service: at one poller at a time.</summary>
public sealed class PollHandle
{
    private PollPlace? _place;
    private long _busyTicks;

    internal PollHandle(IPollable pollable, string name, bool canMove)
    {
        Pollable = pollable;
        Name = name;
        CanMove = canMove;
    }

    /// <summary>What the pollable is called in messages.</summary>
    public string Name { get; }

    /// <summary>
    /// Which poller it has its place at, 0..<see cref="PollScheduler.PollerCount"/>-1. May change at any time when it <see cref="CanMove"/>.
    /// </summary>
    public int PollerIndex => Place.Poller.Index;

    /// <summary>Whether it is given to another poller when its own is busier. One that was added to a certain poller stays there.</summary>
    public bool CanMove { get; }

    internal IPollable Pollable { get; }

    internal PollPlace Place
    {
        get => Volatile.Read(ref _place)!;
        set => Volatile.Write(ref _place, value);
    }

    /// <summary>When to poll although nothing woke it.</summary>
    internal long DeadlineTicks { get; set; } = long.MaxValue;

    /// <summary>When it last had work.</summary>
    internal long BusyAtTicks { get; set; }

    internal bool IsArmed { get; set; }

    /// <summary>Taken out, or stopped by a fault: wakes are void.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>Time that visits with work took so far, estimated from samples. Written by its poller.</summary>
    internal long BusyTicks
    {
        get => Volatile.Read(ref _busyTicks);
        set => Volatile.Write(ref _busyTicks, value);
    }

    /// <summary>Its time on the clock of <see cref="PollTurns"/>.</summary>
    internal long UsedTicks { get; set; }

    /// <summary>Most frames or commands of a visit: fewer than a batch when one takes long.</summary>
    internal int Budget { get; set; } = PollContext.FullBudget;

    /// <summary>The balancer's own.</summary>
    internal PollLoad Load { get; } = new();

    /// <summary>Marks the pollable as having work and wakes its poller if that sleeps. Any thread; cheap when the poller is awake.</summary>
    public void Wake()
    {
        // The work was published before; neither the place nor the bit may be looked at before that can be seen. Pairs with the same barrier
        // of whoever moves the pollable: either the place read here is the new one, or the new poller's first look finds the work. And with
        // the one in ReadyBits.Clear: either the bit seen here is clear, or the poller looks again.
        Interlocked.MemoryBarrier();
        Place.Wake();
    }
}
