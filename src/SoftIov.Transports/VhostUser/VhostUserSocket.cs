using SoftIov.Devices.Virtio;
using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// The rings of one function on one UNIX socket, for one front-end at a time: a second one waits in the backlog until the first is gone.
/// Events come on the server's loop thread; handlers return at once and do not dispose of anything.
/// </summary>
public sealed class VhostUserSocket : ISessionOwner<VhostUserSession>, IDisposable
{
    private readonly WarningPace _warnings;

    internal VhostUserSocket(VhostUserServer server, IEndpoint endpoint, IRingDevice device, VhostUserSocketOptions options)
    {
        Server = server;
        Endpoint = endpoint;
        Device = device;
        Options = options;
        Sessions = new(server.Loop, this, options.Path, options.IsClient ? null : options.Mode);
        _warnings = new(server.Time);
        endpoint.Gone += OnGone;
    }

    /// <summary>A front-end said its first word; <see cref="Attachment"/> tells about it.</summary>
    public event Action<VhostUserSocket>? Attached;

    /// <summary>The front-end is gone, and why. <see cref="Attachment"/> is null already.</summary>
    public event Action<VhostUserSocket, string>? Detached;

    /// <summary>Something that the front-end asked for was refused, in words for a log; at most one report per second.</summary>
    public event Action<VhostUserSocket, string>? Warned;

    /// <summary>The function.</summary>
    public IEndpoint Endpoint { get; }

    /// <summary>Where.</summary>
    public string Path => Options.Path;

    /// <summary>Whether front-ends are connected to, and do not connect.</summary>
    public bool IsClient => Options.IsClient;

    /// <summary>The front-end that has the rings; null when there is none. Made anew when asked.</summary>
    public VhostUserAttachment? Attachment => Sessions.Attached is { } session
        ? new VhostUserAttachment(session.Peer, session.Since.GetValueOrDefault(), session.MappedBytes)
        : null;

    /// <summary>What happened since the socket was opened.</summary>
    public VhostUserCounters Counters => Counts.Snapshot();

    internal VhostUserServer Server { get; }

    internal SessionSocket<VhostUserSession> Sessions { get; }

    internal VhostUserSocketOptions Options { get; }

    internal IRingDevice Device { get; }

    internal FrontEndCounts Counts { get; } = new();

    /// <summary>The last transfer of a state, of whatever session. On the loop thread.</summary>
    internal StateTransfer? Transfer { get; set; }

    /// <inheritdoc/>
    bool ISessionOwner<VhostUserSession>.IsPresent => Endpoint.IsPresent;

    /// <inheritdoc/>
    TimeSpan ISessionOwner<VhostUserSession>.FirstWordTimeout => Server.Settings.FirstWordTimeout;

    /// <inheritdoc/>
    string ISessionOwner<VhostUserSession>.Silence => "it said nothing";

    /// <summary>
    /// Ends the session that there is now, if there is one; the next front-end is served. When it returns nothing of the former front-end's is in use
    /// any more, and <see cref="Attachment"/> is not its own. From any thread.
    /// </summary>
    public void Disconnect(string reason) => Sessions.EndNow(SessionEnd.ByServer(reason));

    /// <summary>Ends the session and removes the socket file; when it returns nothing of the front-end's is in use any more.</summary>
    public void Dispose()
    {
        Endpoint.Gone -= OnGone;
        Sessions.Remove();
    }

    /// <inheritdoc/>
    bool ISessionOwner<VhostUserSession>.Admits(PeerCredentials peer) => Options.Admit(peer);

    /// <inheritdoc/>
    VhostUserSession ISessionOwner<VhostUserSession>.Begin(UnixStream stream, PeerCredentials peer) => new(this, stream, peer);

    /// <inheritdoc/>
    void ISessionOwner<VhostUserSession>.Refused() => Counts.AddRefusedPeer();

    /// <inheritdoc/>
    void ISessionOwner<VhostUserSession>.Ending(SessionEnd end)
    {
        if (end.IsClientsFault)
            Counts.AddBrokenSession();
    }

    /// <inheritdoc/>
    void ISessionOwner<VhostUserSession>.Ended(SessionEnd end) => Detached?.Invoke(this, end.Reason);

    /// <summary>Takes connections, or makes them, from now on.</summary>
    internal void Open() => Sessions.Open();

    /// <summary>The front-end has the device from now on.</summary>
    internal void SessionBegan(VhostUserSession session)
    {
        Sessions.Count(session);
        Counts.AddSession();
        Attached?.Invoke(this);
    }

    /// <summary>Tells those who keep logs, if they were not told something just now.</summary>
    internal void Warn(string what)
    {
        if (Warned is { } warned && _warnings.Allows())
            warned(this, what);
    }

    private void OnGone() => Sessions.EndSoon(SessionEnd.ByServer("the function is gone"));
}
