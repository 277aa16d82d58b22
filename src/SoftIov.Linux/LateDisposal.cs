namespace SoftIov.Linux;

/// <summary>
/// Disposes of things one after the other, on a thread that does nothing else and is there while it is needed: nobody waits for what takes its
/// time. Any thread.
/// </summary>
public sealed class LateDisposal(string name)
{
    private readonly Lock _gate = new();
    private readonly Queue<IDisposable> _waiting = new();
    private int _count;
    private bool _isRunning;

    /// <summary>How many wait, without the one whose turn it is.</summary>
    public int Waiting => Volatile.Read(ref _count);

    /// <summary>Disposes of one soon.</summary>
    public void Dispose(IDisposable thing)
    {
        lock (_gate)
        {
            _waiting.Enqueue(thing);
            _count++;
            if (_isRunning)
                return;
            _isRunning = true;
        }

        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    private void Run()
    {
        while (true)
        {
            IDisposable? next;
            lock (_gate)
            {
                _isRunning = _waiting.TryDequeue(out next);
                if (next is null)
                    return;
                _count--;
            }

            next.Dispose();
        }
    }
}
