using System.Collections.Concurrent;
using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// One thread, one loop, any number of sockets: what one of them throws ends its session and nothing else. Others get it to do something by
/// <see cref="Post"/>.
/// </summary>
internal sealed class SocketLoop : IDisposable
{
    /// <summary>Low bits of a token, for the socket's own use; the number of the socket is above.</summary>
    public const int KindBits = 8;

    private const ulong WakeToken = ulong.MaxValue;
    private const string Stopped = "the server stopped";

    private readonly Lock _gate = new();
    private readonly EventFd _wake = new();
    private readonly LoopWait _wait;
    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private readonly Action<ILoopSocket, Exception> _onFault;
    private readonly Dictionary<ulong, ILoopSocket> _sockets = [];
    private readonly ConcurrentQueue<(ILoopSocket Socket, Action Work)> _posted = new();
    private readonly ConcurrentQueue<ILoopSocket> _nudged = new();
    private readonly EpollEvent[] _events = new EpollEvent[Epoll.MaximumBatch];
    private long _lastNumber;
    private long _nextDeadline = long.MaxValue;
    private bool _isStopping;
    private bool _isEnded;

    /// <summary>Starts it. <paramref name="onFault"/> is called on a thread of the pool.</summary>
    public SocketLoop(string name, TimeProvider time, Action<ILoopSocket, Exception> onFault)
    {
        _time = time;
        _onFault = onFault;
        _wait = new LoopWait(Events);
        Events.Add(_wake.Descriptor, EpollEvents.In, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>What sockets watch with.</summary>
    public Epoll Events { get; } = new();

    /// <summary>Whether the caller is the loop.</summary>
    public bool IsLoopThread => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    /// <summary>A number for a socket.</summary>
    public ulong NextNumber() => (ulong)Interlocked.Increment(ref _lastNumber);

    /// <summary>Serves a socket from now on, beginning with <paramref name="open"/> on the loop; throws after the loop's end.</summary>
    public void Add(ILoopSocket socket, Action open)
    {
        bool isPosted = Post(socket, () =>
        {
            _sockets.Add(socket.Number, socket);
            open();
        });
        if (isPosted)
            return;
        socket.Close(Stopped);
        throw new ObjectDisposedException(nameof(SocketLoop));
    }

    /// <summary>Has the loop do something for a socket; false after the loop's end, when all sockets are closed.</summary>
    public bool Post(ILoopSocket socket, Action work)
    {
        lock (_gate)
        {
            if (_isEnded)
                return false;
            _posted.Enqueue((socket, work));
            _wake.Signal();
            return true;
        }
    }

    /// <summary>Has the loop give a socket's session a turn.</summary>
    public void Nudge(ILoopSocket socket)
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            _nudged.Enqueue(socket);
            _wake.Signal();
        }
    }

    /// <summary>A client that waited was answered: its next command may come soon. On the loop thread.</summary>
    public void Answered() => _wait.Answered();

    /// <summary>Has the loop do something for a socket and waits for it; after the loop's end, when all sockets are closed, does nothing.</summary>
    public void Do(ILoopSocket socket, Action work)
    {
        if (IsLoopThread)
        {
            work();
            return;
        }

        using ManualResetEventSlim isDone = new();
        bool isPosted = Post(socket, () =>
        {
            try
            {
                work();
            }
            finally
            {
                isDone.Set();
            }
        });
        if (isPosted)
            isDone.Wait();
    }

    /// <summary>Closes a socket and waits for it.</summary>
    public void Remove(ILoopSocket socket) => Do(socket, () => Close(socket, "the socket was closed"));

    /// <summary>A time of the clock at which the loop will look at its sockets' deadlines.</summary>
    public long DeadlineIn(TimeSpan time)
    {
        long deadline = _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);
        _nextDeadline = Math.Min(_nextDeadline, deadline);
        return deadline;
    }

    /// <summary>Closes all sockets and ends the loop.</summary>
    public void Dispose()
    {
        if (IsLoopThread)
            throw new InvalidOperationException("Not from a handler of the loop.");
        if (Interlocked.Exchange(ref _isStopping, true))
            return;
        _wake.Signal();
        _thread.Join();
        Events.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!Volatile.Read(ref _isStopping))
        {
            int count = _wait.Wait(_events, WaitMilliseconds());
            for (int i = 0; i < count; i++)
                Handle(_events[i]);
            RunPosted();
            ServeNudged();
            CheckDeadlines();
        }

        End();
    }

    private void Handle(in EpollEvent ready)
    {
        if (ready.Data == WakeToken)
            _wake.Consume();
        else if (_sockets.TryGetValue(ready.Data >> KindBits, out ILoopSocket? socket))
            Guard(socket, ready, static (one, state) => one.Handle(state));
    }

    private void RunPosted()
    {
        while (_posted.TryDequeue(out (ILoopSocket Socket, Action Work) posted))
            Guard(posted.Socket, posted.Work, static (_, work) => work());
    }

    /// <summary>Those that were nudged until now; a session that nudges itself comes after the next events.</summary>
    private void ServeNudged()
    {
        for (int count = _nudged.Count; count > 0 && _nudged.TryDequeue(out ILoopSocket? socket); count--)
            Guard(socket, 0, static (one, _) => one.Serve());
    }

    private void CheckDeadlines()
    {
        if (_nextDeadline == long.MaxValue || _time.GetTimestamp() is var now && now < _nextDeadline)
            return;
        _nextDeadline = long.MaxValue;
        foreach (ILoopSocket socket in _sockets.Values)
            Guard(socket, now, (one, at) => _nextDeadline = Math.Min(_nextDeadline, one.CheckDeadline(at)));
    }

    private int WaitMilliseconds()
    {
        const int MillisecondsPerSecond = 1000;
        if (_nextDeadline == long.MaxValue)
            return Timeout.Infinite;
        long left = Math.Max(_nextDeadline - _time.GetTimestamp(), 0);
        return (int)Math.Min(left * MillisecondsPerSecond / _time.TimestampFrequency + 1, int.MaxValue);
    }

    private void Close(ILoopSocket socket, string reason)
    {
        _sockets.Remove(socket.Number);
        socket.Close(reason);
    }

    /// <summary>What one socket throws ends its session and nothing else.</summary>
    private void Guard<T>(ILoopSocket socket, T state, Action<ILoopSocket, T> work)
    {
        try
        {
            work(socket, state);
        }
        catch (Exception broken)
        {
            Report(socket, broken);
            try
            {
                socket.End(SessionEnd.ByServer($"an error in the server: {broken.Message}"));
            }
            catch (Exception again)
            {
                Report(socket, again);
            }
        }
    }

    private void Report(ILoopSocket socket, Exception broken) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => _onFault(socket, broken), null);

    private void End()
    {
        lock (_gate)
            _isEnded = true;
        RunPosted();
        foreach (ILoopSocket socket in _sockets.Values)
            Guard(socket, 0, static (one, _) => one.Close(Stopped));
        _sockets.Clear();
    }
}
