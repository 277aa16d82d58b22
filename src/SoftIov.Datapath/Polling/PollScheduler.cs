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
    private bool _stopping;

    /// <summary>Starts one thread per sleeper handed in. Disposes of the sleepers at its end.</summary>
    public PollScheduler(IReadOnlyList<IPollerSleep> sleepers, PollSettings settings, TimeProvider time)
    {
        _sleepers = sleepers;
        _pollers = new Poller[sleepers.Count];
        _threads = new Thread[sleepers.Count];
        for (int i = 0; i < _pollers.Length; i++)
        {
            var poller = new Poller(sleepers[i], settings, time, OnFault) { Index = i };
            _pollers[i] = poller;
            _threads[i] = new Thread(() => Run(poller)) { IsBackground = true, Name = $"softiov-poll-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>
    /// A pollable threw, which is a broken invariant of its own: it was stopped, the others go on. Raised on a thread of the pool.
    /// </summary>
    public event Action<PollHandle, Exception>? PollableFaulted;

    /// <summary>Poller threads.</summary>
    public int PollerCount => _pollers.Length;

    /// <summary>Adds a pollable, awake, to the least loaded poller.</summary>
    public PollHandle Add(IPollable pollable, string name)
    {
        lock (_gate)
        {
            Poller least = _pollers[0];
            foreach (Poller poller in _pollers)
            {
                least = poller.Load < least.Load ? poller : least;
            }

            return least.Add(pollable, name);
        }
    }

    /// <summary>Adds a pollable, awake, to poller <paramref name="poller"/>, 0..<see cref="PollerCount"/>-1.</summary>
    public PollHandle Add(IPollable pollable, string name, int poller)
    {
        lock (_gate)
        {
            return _pollers[poller].Add(pollable, name);
        }
    }

    /// <summary>Takes a pollable out; when it returns no poller is in it nor will be. Not from a poller's thread.</summary>
    public void Remove(PollHandle handle)
    {
        RefusePollers();
        lock (_gate)
        {
            handle.Poller.Remove(handle);
        }
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

    private void Run(Poller poller)
    {
        while (!Volatile.Read(ref _stopping))
        {
            if (poller.RunRound() == 0)
            {
                poller.Rest();
            }
        }
    }

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
