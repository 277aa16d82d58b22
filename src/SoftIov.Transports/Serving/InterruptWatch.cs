namespace SoftIov.Transports;

/// <summary>
/// Looks after threads that signal clients: frees one that hangs in a client's eventfd, and ends that client's session. On a thread of its
/// own, since the loop may wait for the very poller that hangs; it sleeps while nobody is attached, and four short looks a second are all
/// that attached and idle clients cost.
/// </summary>
internal sealed class InterruptWatch : IDisposable
{
    /// <summary>
    /// Between two looks, whatever comes and goes meanwhile: a signal that is under way at both hangs.
    /// </summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly HashSet<IInterruptOwner> _sessions = [];
    private readonly List<InterruptLine> _retired = [];
    private readonly ManualResetEvent _stop = new(false);
    private readonly Thread _thread;
    private bool _isStopping;

    /// <summary>Starts the thread.</summary>
    public InterruptWatch()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "softiov-watch" };
        _thread.Start();
    }

    /// <summary>Watches a session.</summary>
    public void Add(IInterruptOwner session)
    {
        lock (_gate)
        {
            _sessions.Add(session);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Watches a line that is no session's any more and still has a thread in it.</summary>
    public void Retire(InterruptLine line)
    {
        lock (_gate)
        {
            _retired.Add(line);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends watching a session.</summary>
    public void Remove(IInterruptOwner session)
    {
        lock (_gate)
            _sessions.Remove(session);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isStopping)
                return;
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (WaitForSomething() && !_stop.WaitOne(Period))
            Look();
    }

    private bool WaitForSomething()
    {
        lock (_gate)
        {
            while (_sessions.Count + _retired.Count == 0 && !_isStopping)
                Monitor.Wait(_gate);
            return !_isStopping;
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            foreach (IInterruptOwner session in _sessions)
                session.ReleaseStuckInterrupts();
            foreach (InterruptLine line in _retired)
            {
                if (line.IsStuck())
                    line.Release();
            }

            _retired.RemoveAll(static line => !line.IsBusy);
        }
    }
}
