using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>
/// The poller threads of a daemon. Polls when busy, sleeps when idle (decision D6); pollables that gave nothing for a while are armed and
/// left alone until woken. Also the quiet-point keeper: what control code unpublished is untouched once every poller passed one.
/// </summary>
public sealed class PollScheduler : IQuiescence, IDisposable
{
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<IPollerSleep> _sleepers;
    private readonly Poller[] _pollers;
    private readonly Thread[] _threads;
    private readonly PollBalancer _balancer;
    private readonly TimeProvider _time;
    private bool _stopping;

    /// <summary>
    /// Starts one thread per sleeper handed in; each calls <paramref name="onStart"/> first, with its number. Disposes of the sleepers at its
    /// end.
    /// </summary>
    public PollScheduler(IReadOnlyList<IPollerSleep> sleepers, PollSettings settings, TimeProvider time, Action<int>? onStart = null)
    {
        _sleepers = sleepers;
        _time = time;
        _balancer = new PollBalancer(time);
        _pollers = new Poller[sleepers.Count];
        _threads = new Thread[sleepers.Count];
        for (int i = 0; i < _pollers.Length; i++)
        {
            var poller = new Poller(sleepers[i], settings, time, OnFault) { Index = i };
            _pollers[i] = poller;
            _threads[i] = new Thread(() => Run(poller, onStart)) { IsBackground = true, Name = $"softiov-poll-{i}" };
        }

        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>
    /// A pollable threw, which is a broken invariant of its own: it was stopped, the others go on. Raised on a thread of the pool.
    /// </summary>
    public event Action<PollHandle, Exception>? PollableFaulted;

    /// <summary>Poller threads.</summary>
    public int PollerCount => _pollers.Length;

    /// <summary>Adds a pollable, awake, to the poller that has the fewest. It may move.</summary>
    public PollHandle Add(IPollable pollable, string name)
    {
        lock (_gate)
        {
            Poller least = _pollers[0];
            foreach (Poller poller in _pollers)
            {
                least = poller.Count < least.Count ? poller : least;
            }

            return least.Add(pollable, name);
        }
    }

    /// <summary>Adds a pollable, awake, to poller <paramref name="poller"/>, 0..<see cref="PollerCount"/>-1, for good.</summary>
    public PollHandle Add(IPollable pollable, string name, int poller)
    {
        lock (_gate)
        {
            return _pollers[poller].Add(pollable, name, canMove: false);
        }
    }

    /// <summary>Takes a pollable out; when it returns no poller is in it nor will be. Not from a poller's thread.</summary>
    public void Remove(PollHandle handle)
    {
        RefusePollers();
        lock (_gate)
        {
            handle.Place.Poller.Remove(handle);
        }
    }

    /// <summary>
    /// Moves a pollable to another poller, which looks at it at once: no wake is lost, and never are two pollers in it. False when it may not
    /// move, was taken out or stopped, or there is no room. Not from a poller's thread.
    /// </summary>
    public bool Move(PollHandle handle, int poller)
    {
        RefusePollers();
        lock (_gate)
        {
            return handle.CanMove && Move(handle, _pollers[poller]);
        }
    }

    /// <summary>
    /// Looks at how busy pollers were since the last call, and moves one pollable from the busiest to the idlest if that pays. To be called
    /// every second or so; not from a poller's thread. Returns what was moved.
    /// </summary>
    public PollHandle? Balance()
    {
        RefusePollers();
        lock (_gate)
        {
            if (_balancer.Look(_pollers) is not { } move || !Move(move.Handle, move.To))
            {
                return null;
            }

            move.Handle.Load.MovedAtTicks = _time.GetTimestamp();
            return move.Handle;
        }
    }

    /// <summary>What each poller did so far.</summary>
    public IReadOnlyList<PollerReport> ReportPollers()
    {
        lock (_gate)
        {
            return Array.ConvertAll(_pollers, ReportOf);
        }
    }

    /// <summary>Pollables whose name begins with <paramref name="prefix"/>, in no order.</summary>
    public IReadOnlyList<PollableReport> ReportPollables(string prefix)
    {
        var reports = new List<PollableReport>();
        lock (_gate)
        {
            foreach (Poller poller in _pollers)
            {
                foreach (PollHandle? handle in poller.Handles)
                {
                    if (handle is not null && handle.Name.StartsWith(prefix, StringComparison.Ordinal))
                    {
                        reports.Add(new PollableReport(handle.Name, poller.Index, handle.Load.Share));
                    }
                }
            }
        }

        return reports;
    }

    /// <inheritdoc/>
    public void WaitForQuietPoint()
    {
        RefusePollers();
        foreach (Poller poller in _pollers)
        {
            poller.WaitForQuietPoint();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RefusePollers();
        Volatile.Write(ref _stopping, true);
        for (int i = 0; i < _pollers.Length; i++)
        {
            _pollers[i].Interrupt();
            _threads[i].Join();
            _sleepers[i].Dispose();
        }
    }

    private void Run(Poller poller, Action<int>? onStart)
    {
        onStart?.Invoke(poller.Index);
        while (!Volatile.Read(ref _stopping))
        {
            if (poller.RunRound() == 0)
            {
                poller.Rest();
            }
        }
    }

    private static bool Move(PollHandle handle, Poller to)
    {
        Poller from = handle.Place.Poller;
        if (from == to || handle.IsStopped || !to.HasRoom || !from.Detach(handle))
        {
            return false;
        }

        to.Attach(handle);
        to.Arrivals++;
        return true;
    }

    private PollerReport ReportOf(Poller poller)
    {
        var gaps = new List<PollGapCount>();
        for (int bucket = 0; bucket < poller.Gaps.Length; bucket++)
        {
            if (poller.Gaps[bucket] is > 0 and var count)
            {
                gaps.Add(new PollGapCount(Span(PollGaps.EndOf(bucket)), count));
            }
        }

        return new PollerReport(
            poller.Index, poller.Count, poller.Load.Share, Span(poller.BusyTicks), Span(poller.AsleepTicks), poller.Sleeps, poller.Arrivals,
            Span(poller.Gaps.LongestTicks), gaps);
    }

    /// <summary>Buckets can be shorter than the steps of a time span: those round up, so that none is without length.</summary>
    private TimeSpan Span(long ticks) =>
        new((long)Math.Min(long.MaxValue / 2, Math.Ceiling((double)ticks * TimeSpan.TicksPerSecond / _time.TimestampFrequency)));

    private void OnFault(PollHandle handle, Exception broken) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => PollableFaulted?.Invoke(handle, broken), null);

    /// <summary>A poller that waited for itself would wait for ever.</summary>
    private void RefusePollers()
    {
        if (Array.IndexOf(_threads, Thread.CurrentThread) >= 0)
        {
            throw new InvalidOperationException("Not from a poller's thread.");
        }
    }
}
