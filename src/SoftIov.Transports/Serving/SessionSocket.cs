using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// One UNIX socket with at most one session: who connects meanwhile waits in the backlog. Without <c>mode</c> it is a client, which connects
/// to whoever listens at its path, again and again. Called on the loop's thread, but where it says otherwise.
/// </summary>
internal sealed class SessionSocket<TSession> : ILoopSocket
    where TSession : class, ISession
{
    private const int ListenerKind = 0;
    private const int StreamKind = 1;
    private const int FirstSessionKind = 2;
    private const ulong KindMask = (1 << SocketLoop.KindBits) - 1;
    private static readonly TimeSpan RetryAccept = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryConnect = TimeSpan.FromMilliseconds(250);

    private readonly SocketLoop _loop;
    private readonly string _path;
    private readonly UnixListener? _listener;

    /// <summary>Of all connections, one after the other: who connects again has not done with what cannot be closed.</summary>
    private readonly UnclaimedDescriptors _unclaimed = new();
    private TSession? _session;
    private TSession? _attached;
    private long _deadline = long.MaxValue;
    private bool _isClosed;

    /// <summary>Binds the path, if it is to listen; served from <see cref="Open"/> on. From any thread.</summary>
    public SessionSocket(SocketLoop loop, ISessionOwner<TSession> owner, string path, UnixFileMode? mode)
    {
        _loop = loop;
        _path = path;
        Owner = owner;
        Number = loop.NextNumber();
        _listener = mode is { } permissions ? new(path, permissions) : null;
    }

    /// <inheritdoc/>
    public ulong Number { get; }

    /// <summary>Whose it is.</summary>
    public ISessionOwner<TSession> Owner { get; }

    /// <summary>The session that counts, until nothing of it is in use any more; from any thread.</summary>
    public TSession? Attached => Volatile.Read(ref _attached);

    /// <summary>As what a session watches its own descriptors with the loop.</summary>
    public ulong Token(int which) => KindToken(FirstSessionKind + which);

    /// <summary>The token of the session's connection.</summary>
    public ulong StreamToken => KindToken(StreamKind);

    /// <summary>Takes connections, or makes them, from now on. From any thread, once.</summary>
    public void Open() => _loop.Add(this, () =>
    {
        if (_listener is null)
            Connect();
        else
            _loop.Events.Add(_listener.Descriptor, EpollEvents.In, KindToken(ListenerKind));
    });

    /// <summary>Ends the session and closes the socket; waits for it. From any thread.</summary>
    public void Remove() => _loop.Remove(this);

    /// <summary>The session counts from now on.</summary>
    public void Count(TSession session)
    {
        _deadline = long.MaxValue;
        Volatile.Write(ref _attached, session);
    }

    /// <summary>Does something on the loop, unless <paramref name="session"/> is over by then. From any thread.</summary>
    public void Post(TSession session, Action<TSession> work) => _loop.Post(this, () =>
    {
        if (_session == session)
            work(session);
    });

    /// <summary>Ends <paramref name="session"/> soon, unless it is over already. From any thread.</summary>
    public void Condemn(TSession session, SessionEnd end) => Post(session, _ => End(end));

    /// <summary>
    /// Ends the session that there is now, if there is one, and waits until nothing of it is in use any more, also when it is ending already.
    /// From any thread.
    /// </summary>
    public void EndNow(SessionEnd end)
    {
        TSession? session = Volatile.Read(ref _session);
        _loop.Do(this, () =>
        {
            if (session is not null && _session == session)
                End(end);
        });
    }

    /// <summary>Ends soon the session that there is then. From any thread.</summary>
    public void EndSoon(SessionEnd end) => _loop.Post(this, () => End(end));

    /// <inheritdoc/>
    public void Handle(in EpollEvent ready)
    {
        int kind = (int)(ready.Data & KindMask);
        if (kind >= FirstSessionKind)
            _session?.Ready(kind - FirstSessionKind);
        else if (kind == StreamKind)
            Serve();
        else if (_session is null && !_isClosed)
            Accept();
    }

    /// <inheritdoc/>
    public void Serve()
    {
        if (_session?.Serve() is { } end)
            End(end);
    }

    /// <inheritdoc/>
    public long CheckDeadline(long now)
    {
        if (now < _deadline)
            return _deadline;
        _deadline = long.MaxValue;
        if (_session is not null)
            End(SessionEnd.Broken(Owner.Silence));
        else if (!_isClosed && _listener is null)
            Connect();
        else if (!_isClosed)
            TakeNext();
        return _deadline;
    }

    /// <summary>Ends the session, if there is one, and lets the next in.</summary>
    public void End(SessionEnd end)
    {
        if (_session is not { } session)
            return;
        Volatile.Write(ref _session, null);
        _deadline = long.MaxValue;
        Owner.Ending(end);
        try
        {
            session.Close();
        }
        finally
        {
            Volatile.Write(ref _attached, null); // only now: who sees it takes what the client had for free
            if (!_isClosed && Owner.IsPresent)
                TakeNext();
            if (session.Since is not null)
                Owner.Ended(end);
        }
    }

    /// <inheritdoc/>
    public void Close(string reason)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        while (_listener?.TryAccept(out _) is { } waiting)
            waiting.EndAndDispose();
        _listener?.Dispose();
        End(SessionEnd.ByServer(reason));
    }

    private ulong KindToken(int kind) => (Number << SocketLoop.KindBits) | (uint)kind;

    private void TakeNext()
    {
        if (_listener is not null)
            _loop.Events.Modify(_listener.Descriptor, EpollEvents.In, KindToken(ListenerKind));
        else
            Suspend(RetryConnect); // not at once: who closes whatever connects would keep the loop busy
    }

    /// <summary>Nobody listens there yet, or no more: there is another try soon.</summary>
    private void Connect()
    {
        Suspend(RetryConnect); // first: what is thrown here is no reason to give up
        if (_session is null && UnixStream.TryConnectNow(_path, out _) is { } stream)
            Take(stream);
        if (_session is not null)
            _deadline = long.MaxValue;
    }

    private void Accept()
    {
        UnixStream? stream = _listener!.TryAccept(out Errno error);
        if (stream is not null)
            Take(stream);
        else if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
            Suspend(RetryAccept); // without a descriptor left the listener would stay ready and the loop would spin
    }

    private void Take(UnixStream stream)
    {
        try
        {
            Admit(stream);
        }
        finally
        {
            if (_session?.Stream != stream)
                stream.EndAndDispose();
        }
    }

    private void Admit(UnixStream stream)
    {
        PeerCredentials peer = stream.Peer();
        stream.Unclaimed = _unclaimed;
        if (!Owner.IsPresent || !Owner.Admits(peer) || _unclaimed.IsOverwhelmed)
        {
            Owner.Refused();
            return;
        }

        _loop.Events.Add(stream.Descriptor, EpollEvents.In, StreamToken);
        Volatile.Write(ref _session, Owner.Begin(stream, peer));

        // Who listens may take its time: QEMU that waits for its destination says nothing for as long as that takes.
        if (_listener is not null)
            Suspend(Owner.FirstWordTimeout);
    }

    private void Suspend(TimeSpan atMost)
    {
        if (_listener is not null)
            _loop.Events.Modify(_listener.Descriptor, EpollEvents.None, KindToken(ListenerKind));
        _deadline = _loop.DeadlineIn(atMost);
    }
}
