using SoftIov.Devices.Virtio;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>What happens on the loop thread.</content>
public sealed partial class VhostUserSocket
{
    private const ulong ListenerKind = 0;
    private const ulong StreamKind = 1;
    private const ulong FirstKickKind = 2;
    private const ulong KindMask = (1 << SocketLoop.KindBits) - 1;
    private static readonly TimeSpan RetryAccept = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryConnect = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(1);

    private readonly UnixListener? _listener;

    /// <summary>Of all connections, one after the other: who connects again has not done with what cannot be closed.</summary>
    private readonly UnclaimedDescriptors _unclaimed = new();
    private VhostUserSession? _session;
    private VhostUserSession? _attached;
    private long _deadline = long.MaxValue;
    private long _warnedAt;
    private bool _isClosed;

    internal VhostUserServer Server { get; }

    internal VhostUserSocketOptions Options { get; }

    internal IRingDevice Device { get; }

    internal FrontEndCounts Counts { get; } = new();

    /// <inheritdoc/>
    ulong ILoopSocket.Number => Number;

    internal ulong Number { get; }

    private ulong ListenerToken => (Number << SocketLoop.KindBits) | ListenerKind;

    private ulong StreamToken => (Number << SocketLoop.KindBits) | StreamKind;

    /// <summary>As what a ring's kicks are watched.</summary>
    internal ulong KickToken(int ring) => (Number << SocketLoop.KindBits) | (FirstKickKind + (ulong)ring);

    /// <summary>Takes connections, or makes them, from now on.</summary>
    internal void Open()
    {
        if (_listener is null)
            Connect();
        else
            Server.Loop.Events.Add(_listener.Descriptor, EpollEvents.In, ListenerToken);
    }

    /// <inheritdoc/>
    void ILoopSocket.Handle(in EpollEvent ready)
    {
        ulong kind = ready.Data & KindMask;
        if (kind >= FirstKickKind)
            _session?.Kicked((int)(kind - FirstKickKind));
        else if (kind == StreamKind)
            Serve();
        else if (_session is null && !_isClosed)
            Accept();
    }

    /// <inheritdoc/>
    void ILoopSocket.Serve() => Serve();

    /// <inheritdoc/>
    void ILoopSocket.End(SessionEnd end) => End(end);

    /// <inheritdoc/>
    void ILoopSocket.Close(string reason)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        while (_listener?.TryAccept(out _) is { } waiting)
            waiting.EndAndDispose();
        _listener?.Dispose();
        End(SessionEnd.ByServer(reason));
    }

    /// <inheritdoc/>
    long ILoopSocket.CheckDeadline(long now)
    {
        if (now < _deadline)
            return _deadline;
        _deadline = long.MaxValue;
        if (_session is not null)
            End(SessionEnd.Broken("it said nothing"));
        else if (!_isClosed && _listener is null)
            Connect();
        else if (!_isClosed)
            TakeNext();
        return _deadline;
    }

    /// <summary>Ends <paramref name="session"/> soon, unless it is over already. From any thread.</summary>
    internal void Condemn(VhostUserSession session, SessionEnd end) => Server.Loop.Post(this, () =>
    {
        if (_session == session)
            End(end);
    });

    /// <summary>A ring of <paramref name="session"/> went to another poller. From any thread.</summary>
    internal void Follow(VhostUserSession session, FrontEndRing ring, KickWatch moved) => Server.Loop.Post(this, () =>
    {
        if (_session == session)
            session.Follow(ring, moved);
    });

    /// <summary>Rings of <paramref name="session"/> wait for translations. From any thread.</summary>
    internal void SendMisses(VhostUserSession session) => Server.Loop.Post(this, () =>
    {
        if (_session == session)
            session.SendMisses();
    });

    /// <summary>The front-end has the device from now on.</summary>
    internal void SessionBegan(VhostUserSession session)
    {
        _deadline = long.MaxValue;
        Counts.AddSession();
        Volatile.Write(ref _attached, session);
        Attached?.Invoke(this);
    }

    /// <summary>Tells those who keep logs, if they were not told something just now.</summary>
    internal void Warn(string what)
    {
        long now = Server.Time.GetTimestamp();
        if (Warned is null || (_warnedAt != 0 && Server.Time.GetElapsedTime(_warnedAt, now) < WarningInterval))
            return;
        _warnedAt = now;
        Warned(this, what);
    }

    private void Serve()
    {
        if (_session?.Serve() is { } end)
            End(end);
    }

    /// <summary>Ends the session, if there is one, and lets the next front-end in.</summary>
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
                TakeNext();
            if (session.Since is not null)
                Detached?.Invoke(this, end.Reason);
        }
    }

    private void TakeNext()
    {
        if (_listener is not null)
            Server.Loop.Events.Modify(_listener.Descriptor, EpollEvents.In, ListenerToken);
        else
            Suspend(RetryConnect); // not at once: a front-end that closes whatever connects would keep the loop busy
    }

    /// <summary>Nobody listens there yet, or no more: there is another try soon.</summary>
    private void Connect()
    {
        Suspend(RetryConnect); // first: what is thrown here is no reason to give up
        if (_session is null && UnixStream.TryConnectNow(Path, out _) is { } stream)
            Take(stream);
        if (_session is not null)
            _deadline = long.MaxValue;
    }

    private void Accept()
    {
        UnixStream? stream = _listener!.TryAccept(out Errno error);
        if (stream is null)
        {
            // Without a descriptor left the listener would stay ready and the loop would spin.
            if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
                Suspend(RetryAccept);
            return;
        }

        Take(stream);
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
        if (!Endpoint.IsPresent || !Options.Admit(peer) || _unclaimed.IsOverwhelmed)
        {
            Counts.AddRefusedPeer();
            return;
        }

        Server.Loop.Events.Add(stream.Descriptor, EpollEvents.In, StreamToken);
        Volatile.Write(ref _session, new VhostUserSession(this, stream, peer));

        // Who listens may take its time: QEMU that waits for its destination says nothing for as long as that takes.
        if (_listener is not null)
            Suspend(Server.Settings.FirstWordTimeout);
    }

    private void Suspend(TimeSpan atMost)
    {
        if (_listener is not null)
            Server.Loop.Events.Modify(_listener.Descriptor, EpollEvents.None, ListenerToken);
        _deadline = Server.Loop.DeadlineIn(atMost);
    }

    private void OnGone() => Server.Loop.Post(this, () => End(SessionEnd.ByServer("the function is gone")));
}
