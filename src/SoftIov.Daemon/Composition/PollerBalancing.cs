using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// Looks at the load of the pollers once a second and has what is too much for one moved to another. A thread of its own: one of the pool would
/// look for more work each time before it sleeps again, which is most of what an idle daemon took.
/// </summary>
internal sealed class PollerBalancing : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ManualResetEvent _isOver = new(initialState: false);
    private readonly Thread _thread;

    /// <summary>Begins; tells <paramref name="onMoved"/> what was moved.</summary>
    public PollerBalancing(PollScheduler scheduler, Action<PollHandle> onMoved)
    {
        _thread = new Thread(() => Run(scheduler, onMoved)) { IsBackground = true, Name = "softiov-balance" };
        _thread.Start();
    }

    /// <summary>Returns when it has ended.</summary>
    public void Dispose()
    {
        _isOver.Set();
        _thread.Join();
        _isOver.Dispose();
    }

    private void Run(PollScheduler scheduler, Action<PollHandle> onMoved)
    {
        while (!_isOver.WaitOne(Period))
        {
            if (scheduler.Balance() is { } moved)
                onMoved(moved);
        }
    }
}
