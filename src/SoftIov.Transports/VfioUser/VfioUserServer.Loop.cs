using System.Collections.Concurrent;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <content>The loop thread, and how others get it to do something.</content>
public sealed partial class VfioUserServer
{
    private const ulong WakeToken = ulong.MaxValue;
    private const string Stopped = "the server stopped";

    private readonly Lock _gate = new();
    private readonly EventFd _wake = new();
    private readonly Dictionary<ulong, VfioUserSocket> _sockets = [];
    private readonly ConcurrentQueue<(VfioUserSocket Socket, Action<VfioUserSocket> Work)> _posted = new();
    private readonly ConcurrentQueue<VfioUserSocket> _nudged = new();
    private readonly EpollEvent[] _events = new EpollEvent[Epoll.MaximumBatch];
    private long _nextDeadline = long.MaxValue;
    private bool _isStopping;
    private bool _isEnded;

    internal Epoll Loop { get; } = new();

    internal bool IsLoopThread => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    /// <summary>Has the loop do something for a socket; false after the loop's end, when all sockets are closed.</summary>
    internal bool Post(VfioUserSocket socket, Action<VfioUserSocket> work)
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
    internal void Nudge(VfioUserSocket socket)
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
    internal void Answered() => _wait.Answered();

    /// <summary>Closes a socket and waits for it.</summary>
    internal void Remove(VfioUserSocket socket)
    {
        if (IsLoopThread)
        {
            Close(socket, "the socket was closed");
            return;
        }

        using ManualResetEventSlim isClosed = new();
        bool isPosted = Post(socket, one =>
        {
            try
            {
                Close(one, "the socket was closed");
            }
            finally
            {
                isClosed.Set();
            }
        });
        if (isPosted)
            isClosed.Wait();
    }

    /// <summary>A time of the clock at which the loop will look at its sockets' deadlines.</summary>
    internal long DeadlineIn(TimeSpan time)
    {
        long deadline = Time.GetTimestamp() + (long)(time.TotalSeconds * Time.TimestampFrequency);
        _nextDeadline = Math.Min(_nextDeadline, deadline);
        return deadline;
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
        else if (_sockets.TryGetValue(VfioUserSocket.NumberOf(ready.Data), out VfioUserSocket? socket))
            Guard(socket, ready, static (one, state) => one.Handle(state));
    }

    private void RunPosted()
    {
        while (_posted.TryDequeue(out (VfioUserSocket Socket, Action<VfioUserSocket> Work) posted))
            Guard(posted.Socket, posted.Work, static (socket, work) => work(socket));
    }

    /// <summary>Those that were nudged until now; a session that nudges itself comes after the next events.</summary>
    private void ServeNudged()
    {
        for (int count = _nudged.Count; count > 0 && _nudged.TryDequeue(out VfioUserSocket? socket); count--)
            Guard(socket, 0, static (one, _) => one.Serve());
    }

    private void CheckDeadlines()
    {
        if (_nextDeadline == long.MaxValue || Time.GetTimestamp() is var now && now < _nextDeadline)
            return;
        _nextDeadline = long.MaxValue;
        foreach (VfioUserSocket socket in _sockets.Values)
            Guard(socket, now, (one, at) => _nextDeadline = Math.Min(_nextDeadline, one.CheckDeadline(at)));
    }

    private int WaitMilliseconds()
    {
        const int MillisecondsPerSecond = 1000;
        if (_nextDeadline == long.MaxValue)
            return Timeout.Infinite;
        long left = Math.Max(_nextDeadline - Time.GetTimestamp(), 0);
        return (int)Math.Min(left * MillisecondsPerSecond / Time.TimestampFrequency + 1, int.MaxValue);
    }

    private void Close(VfioUserSocket socket, string reason)
    {
        _sockets.Remove(socket.Number);
        socket.Close(reason);
    }

    /// <summary>What one socket throws ends its session and nothing else.</summary>
    private void Guard<T>(VfioUserSocket socket, T state, Action<VfioUserSocket, T> work)
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

    private void Report(VfioUserSocket socket, Exception broken) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => SocketFaulted?.Invoke(socket, broken), null);

    private void End()
    {
        lock (_gate)
            _isEnded = true;
        RunPosted();
        foreach (VfioUserSocket socket in _sockets.Values)
            Guard(socket, 0, static (one, _) => one.Close(Stopped));
        _sockets.Clear();
    }
}
