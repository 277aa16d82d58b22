using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One endpoint on one UNIX socket, for one client at a time: a second one waits in the backlog until the first is gone. Events come on the
/// server's loop thread; handlers return at once and do not dispose of anything.
/// </summary>
public sealed class VfioUserSocket : ISessionOwner<VfioUserSession>, IDisposable
{
    private readonly WarningPace _warnings;

    internal VfioUserSocket(VfioUserServer server, IEndpoint endpoint, VfioUserSocketOptions options)
    {
        Server = server;
        Endpoint = endpoint;
        Options = options;
        Sessions = new(server.Loop, this, options.Path, options.Mode);
        _warnings = new(server.Time);
        endpoint.Gone += OnGone;
    }

    /// <summary>A client agreed on a version; <see cref="Attachment"/> tells about it.</summary>
    public event Action<VfioUserSocket>? Attached;

    /// <summary>The client is gone, and why. <see cref="Attachment"/> is null already.</summary>
    public event Action<VfioUserSocket, string>? Detached;

    /// <summary>
    /// Something that the client asked for was refused, or will not do it any good, in words for a log; at most one report per second. What
    /// matters most is memory: VMMs go on without what was refused, and the guest's driver then fails for no reason it can see.
    /// </summary>
    public event Action<VfioUserSocket, string>? Warned;

    /// <summary>What is served.</summary>
    public IEndpoint Endpoint { get; }

    /// <summary>Where.</summary>
    public string Path => Options.Path;

    /// <summary>The client that has the endpoint; null when there is none. Made anew when asked.</summary>
    public VfioUserAttachment? Attachment => Sessions.Attached is { } session
        ? new VfioUserAttachment(session.Peer, session.Since.GetValueOrDefault(), session.MappedBytes)
        : null;

    /// <summary>What happened since the socket was opened.</summary>
    public VfioUserCounters Counters => Counts.Snapshot();

    internal VfioUserServer Server { get; }

    internal SessionSocket<VfioUserSession> Sessions { get; }

    internal VfioUserSocketOptions Options { get; }

    internal SessionCounts Counts { get; } = new();

    /// <inheritdoc/>
    bool ISessionOwner<VfioUserSession>.IsPresent => Endpoint.IsPresent;

    /// <inheritdoc/>
    TimeSpan ISessionOwner<VfioUserSession>.FirstWordTimeout => Server.Settings.NegotiationTimeout;

    /// <inheritdoc/>
    string ISessionOwner<VfioUserSession>.Silence => "no version was agreed on in time";

    /// <summary>
    /// Ends the session that there is now, if there is one; the next client is served. When it returns nothing of the former client's is in use
    /// any more, and <see cref="Attachment"/> is not its own. From any thread.
    /// </summary>
    public void Disconnect(string reason) => Sessions.EndNow(SessionEnd.ByServer(reason));

    /// <summary>Ends the session and removes the socket file; when it returns nothing of the client's is in use any more.</summary>
    public void Dispose()
    {
        Endpoint.Gone -= OnGone;
        Sessions.Remove();
    }

    /// <inheritdoc/>
    bool ISessionOwner<VfioUserSession>.Admits(PeerCredentials peer) => Options.Admit(peer);

    /// <inheritdoc/>
    VfioUserSession ISessionOwner<VfioUserSession>.Begin(UnixStream stream, PeerCredentials peer) => new(this, stream, peer);

    /// <inheritdoc/>
    void ISessionOwner<VfioUserSession>.Refused() => Counts.AddRefusedPeer();

    /// <inheritdoc/>
    void ISessionOwner<VfioUserSession>.Ending(SessionEnd end)
    {
        if (end.IsClientsFault)
            Counts.AddBrokenSession();
    }

    /// <inheritdoc/>
    void ISessionOwner<VfioUserSession>.Ended(SessionEnd end) => Detached?.Invoke(this, end.Reason);

    /// <summary>Takes connections from now on.</summary>
    internal void Open() => Sessions.Open();

    /// <summary>The session's client may use the endpoint from now on.</summary>
    internal void SessionAgreed(VfioUserSession session)
    {
        Sessions.Count(session);
        Counts.AddSession();
        Attached?.Invoke(this);
    }

    /// <summary>A command was refused.</summary>
    internal void WarnOfRefusal(VfioUserCommand command, Errno error) => Warn((command, error) switch
    {
        (VfioUserCommand.DmaMap, Errno.EPERM) =>
            "guest memory is refused: its file is not sealed against shrinking, or of huge pages "
            + "(QEMU: memory-backend-memfd without hugetlb, or allow it: allowUnsealedMemory)",
        (VfioUserCommand.DmaMap, Errno.ENOSPC or Errno.ENOMEM) =>
            "guest memory is refused: there is no room for it, since too many files or bytes are mapped",
        (VfioUserCommand.DmaMap, Errno.EINVAL) => "guest memory is refused: it is in no memory file, or reaches beyond it",
        (VfioUserCommand.DmaMap, Errno.EEXIST) => "guest memory is refused: there is some at its address already",
        _ => $"{command} is refused: {error}",
    });

    /// <summary>Tells those who keep logs, if they were not told something just now.</summary>
    internal void Warn(string what)
    {
        if (Warned is { } warned && _warnings.Allows())
            warned(this, what);
    }

    private void OnGone() => Sessions.EndSoon(SessionEnd.ByServer("the function is gone"));
}
