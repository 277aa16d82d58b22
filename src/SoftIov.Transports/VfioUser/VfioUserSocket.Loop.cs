using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <content>What happens on the loop thread.</content>
public sealed partial class VfioUserSocket
{
    private const ulong ListenerKind = 0;
    private const ulong StreamKind = 1;
    private const ulong UnmaskKind = 2;
    private static readonly TimeSpan RetryAccept = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(1);

    private readonly UnixListener _listener;

    /// <summary>Of all connections, one after the other: who connects again has not done with what cannot be closed.</summary>
    private readonly UnclaimedDescriptors _unclaimed = new();
    private VfioUserSession? _session;
    private VfioUserSession? _attached;
    private long _deadline = long.MaxValue;
    private long _warnedAt;
    private bool _isClosed;

    internal VfioUserServer Server { get; }

    internal VfioUserSocketOptions Options { get; }

    internal SessionCounts Counts { get; } = new();

    /// <inheritdoc/>
    ulong ILoopSocket.Number => Number;

    internal ulong Number { get; }

    internal ulong StreamToken => (Number << SocketLoop.KindBits) | StreamKind;

    internal ulong UnmaskToken => (Number << SocketLoop.KindBits) | UnmaskKind;

    private ulong ListenerToken => (Number << SocketLoop.KindBits) | ListenerKind;

    /// <summary>Takes connections from now on.</summary>
    internal void Open() => Server.Loop.Events.Add(_listener.Descriptor, EpollEvents.In, ListenerToken);

    /// <inheritdoc/>
    void ILoopSocket.Handle(in EpollEvent ready)
    {
        switch (ready.Data & ((1 << SocketLoop.KindBits) - 1))
        {
            case ListenerKind when _session is null && !_isClosed:
                Accept();
                break;
            case StreamKind:
                Serve();
                break;
            case UnmaskKind:
                _session?.UnmaskIntx();
                break;
        }
    }

    /// <inheritdoc/>
    void ILoopSocket.Serve() => Serve();

    /// <inheritdoc/>
    void ILoopSocket.End(SessionEnd end) => End(end);

    /// <inheritdoc/>
    void ILoopSocket.Close(string reason) => Close(reason);

    /// <summary>Gives the session a turn.</summary>
    private void Serve()
    {
        if (_session?.Serve() is { } end)
            End(end);
    }

    /// <summary>Ends the session, if there is one, and lets the next client in.</summary>
    private void End(SessionEnd end)
    {
        if (_session is not { } session)
            return;
        Volatile.Write(ref _session, null);
        _deadline = long.MaxValue;
        Volatile.Write(ref _attached, null);
        if (end.IsClientsFault)
            Counts.AddBrokenSession();
        try
        {
            session.Close();
        }
        finally
        {
            if (!_isClosed && Endpoint.IsPresent)
                Server.Loop.Events.Modify(_listener.Descriptor, EpollEvents.In, ListenerToken);
            if (session.Since is not null)
                Detached?.Invoke(this, end.Reason);
        }
    }

    /// <summary>Ends <paramref name="session"/> soon, unless it is over already. From any thread.</summary>
    internal void Condemn(VfioUserSession session, SessionEnd end) => Server.Loop.Post(this, () =>
    {
        if (_session == session)
            End(end);
    });

    /// <summary>The session's client may use the endpoint from now on.</summary>
    internal void SessionAgreed(VfioUserSession session)
    {
        _deadline = long.MaxValue;
        Counts.AddSession();
        Volatile.Write(ref _attached, session);
        Attached?.Invoke(this);
    }

    /// <summary>A command was refused.</summary>
    internal void WarnOfRefusal(VfioUserCommand command, Errno error) => Warn((command, error) switch
    {
        (VfioUserCommand.DmaMap, Errno.EPERM) =>
            "guest memory is refused: its file is not sealed against shrinking (QEMU: memory-backend-memfd, or allow it)",
        (VfioUserCommand.DmaMap, Errno.EINVAL) => "guest memory is refused: it is in no memory file, or reaches beyond it",
        (VfioUserCommand.DmaMap, Errno.EEXIST) => "guest memory is refused: there is some at its address already",
        _ => $"{command} is refused: {error}",
    });

    /// <summary>Tells those who keep logs, if they were not told something just now.</summary>
    internal void Warn(string what)
    {
        long now = Server.Time.GetTimestamp();
        if (Warned is null || (_warnedAt != 0 && Server.Time.GetElapsedTime(_warnedAt, now) < WarningInterval))
            return;
        _warnedAt = now;
        Warned(this, what);
    }

    /// <inheritdoc/>
    long ILoopSocket.CheckDeadline(long now)
    {
        if (now < _deadline)
            return _deadline;
        _deadline = long.MaxValue;
        if (_session is not null)
            End(SessionEnd.Broken("no version was agreed on in time"));
        else if (!_isClosed)
            Server.Loop.Events.Modify(_listener.Descriptor, EpollEvents.In, ListenerToken);
        return _deadline;
    }

    /// <summary>No more clients.</summary>
    private void Close(string reason)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        while (_listener.TryAccept(out _) is { } waiting)
            waiting.EndAndDispose();
        _listener.Dispose();
        End(SessionEnd.ByServer(reason));
    }

    private void Accept()
    {
        UnixStream? stream = _listener.TryAccept(out Errno error);
        if (stream is null)
        {
            // Without a descriptor left the listener would stay ready and the loop would spin.
            if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
                Suspend(RetryAccept);
            return;
        }

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
        if (!Endpoint.IsPresent || !Options.Admit(peer) || _unclaimed.IsOverwhelmed)
        {
            Counts.AddRefusedPeer();
            return;
        }

        Server.Loop.Events.Add(stream.Descriptor, EpollEvents.In, StreamToken);
        Volatile.Write(ref _session, new VfioUserSession(this, stream, peer));
        Suspend(Server.Settings.NegotiationTimeout);
    }

    private void Suspend(TimeSpan atMost)
    {
        Server.Loop.Events.Modify(_listener.Descriptor, EpollEvents.None, ListenerToken);
        _deadline = Server.Loop.DeadlineIn(atMost);
    }

    private void OnGone() => Server.Loop.Post(this, () => End(SessionEnd.ByServer("the function is gone")));
}
