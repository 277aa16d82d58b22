using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>Looks at the load of the pollers once a second, on a thread of the pool, and has what is too much for one moved to another.</summary>
internal sealed class PollerBalancing : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;

    /// <summary>Begins; tells <paramref name="onMoved"/> what was moved.</summary>
    public PollerBalancing(PollScheduler scheduler, TimeProvider time, Action<PollHandle> onMoved)
    {
        _timer = time.CreateTimer(
            _ =>
            {
                if (scheduler.Balance() is { } moved)
                    onMoved(moved);
            },
            null,
            Period,
            Period);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
