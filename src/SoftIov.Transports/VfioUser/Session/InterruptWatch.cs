namespace SoftIov.Transports.VfioUser;

/// <summary>
/// Looks after threads that signal clients: frees one that hangs in a client's eventfd, and ends that client's session. On a thread of the
/// pool, since the loop may wait for the very poller that hangs; at rest while nobody is attached.
/// </summary>
internal sealed class InterruptWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<VfioUserSession> _sessions = [];
    private readonly List<InterruptLine> _retired = [];
    private readonly ITimer _timer;

    public InterruptWatch(TimeProvider time) =>
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Watches a session.</summary>
    public void Add(VfioUserSession session)
    {
        lock (_gate)
        {
            _sessions.Add(session);
            _timer.Change(Period, Period);
        }
    }

    /// <summary>Watches a line that is no session's any more and still has a thread in it.</summary>
    public void Retire(InterruptLine line)
    {
        lock (_gate)
        {
            _retired.Add(line);
            _timer.Change(Period, Period);
        }
    }

    /// <summary>Ends watching a session.</summary>
    public void Remove(VfioUserSession session)
    {
        lock (_gate)
            _sessions.Remove(session);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            foreach (VfioUserSession session in _sessions)
                session.ReleaseStuckInterrupts();
            foreach (InterruptLine line in _retired)
            {
                if (line.IsStuck())
                    line.Release();
            }

            _retired.RemoveAll(static line => !line.IsBusy);
            if (_sessions.Count + _retired.Count == 0)
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
