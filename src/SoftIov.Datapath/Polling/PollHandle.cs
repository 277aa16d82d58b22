namespace SoftIov.Datapath;

/// <summary>A pollable's place at its poller.</summary>
public sealed class PollHandle
{
    private readonly ReadyBits _ready;
    private readonly int _slot;

    internal PollHandle(Poller poller, ReadyBits ready, int slot, IPollable pollable, string name)
    {
        Poller = poller;
        _ready = ready;
        _slot = slot;
        Pollable = pollable;
        Name = name;
    }

    /// <summary>What the pollable is called in messages.</summary>
    public string Name { get; }

    /// <summary>Which poller it has its place at, 0..<see cref="PollScheduler.PollerCount"/>-1; it never moves.</summary>
    public int PollerIndex => Poller.Index;

    internal Poller Poller { get; }

    internal IPollable Pollable { get; }

    internal int Slot => _slot;

    /// <summary>When to poll although nothing woke it.</summary>
    internal long DeadlineTicks { get; set; } = long.MaxValue;

    /// <summary>When it last had work.</summary>
    internal long BusyAtTicks { get; set; }

    internal bool IsArmed { get; set; }

    /// <summary>Taken out, or stopped by a fault: wakes are void.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>Marks the pollable as having work and wakes its poller if that sleeps. Any thread; cheap when the poller is awake.</summary>
    public void Wake()
    {
        if (_ready.Set(_slot))
        {
            Poller.WakeIfAsleep();
        }
    }
}
