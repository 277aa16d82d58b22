using SoftIov.Api;

namespace SoftIov.Daemon.Hosting;

/// <summary>Numbers events, keeps the last ones and hands them to subscribers. Any thread; subscribers must not block.</summary>
internal sealed class EventHub(TimeProvider time)
{
    private const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly Queue<DaemonEvent> _last = new();
    private readonly List<Action<DaemonEvent>> _subscribers = [];
    private long _sequence;

    /// <summary>Tells everybody.</summary>
    public void Publish(EventKind kind, string target, string message)
    {
        lock (_gate)
        {
            var one = new DaemonEvent(++_sequence, time.GetUtcNow(), kind, target, message);
            _last.Enqueue(one);
            if (_last.Count > Kept)
            {
                _last.Dequeue();
            }

            foreach (Action<DaemonEvent> subscriber in _subscribers)
            {
                subscriber(one);
            }
        }
    }

    /// <summary>Calls <paramref name="subscriber"/> for each event until disposed.</summary>
    public IAsyncDisposable Subscribe(Action<DaemonEvent> subscriber)
    {
        lock (_gate)
        {
            _subscribers.Add(subscriber);
        }

        return new Ending(() =>
        {
            lock (_gate)
            {
                _subscribers.Remove(subscriber);
            }
        });
    }

    /// <summary>The last events about a target or something in it, or about anything.</summary>
    public IReadOnlyList<DaemonEvent> Last(string? target, int atMost)
    {
        string inside = $"{target}/";
        lock (_gate)
        {
            return
            [
                .. _last.Where(e => target is null || e.Target == target || e.Target.StartsWith(inside, StringComparison.Ordinal))
                    .TakeLast(atMost),
            ];
        }
    }

    private sealed class Ending(Action end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            end();
            return ValueTask.CompletedTask;
        }
    }
}
