using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One endpoint on one UNIX socket, for one client at a time: a second one waits in the backlog until the first is gone. Events come on the
/// server's loop thread; handlers return at once and do not dispose of anything.
/// </summary>
public sealed partial class VfioUserSocket : ILoopSocket, IDisposable
{
    internal VfioUserSocket(VfioUserServer server, IEndpoint endpoint, VfioUserSocketOptions options, ulong number)
    {
        Server = server;
        Endpoint = endpoint;
        Options = options;
        Number = number;
        _listener = new(options.Path, options.Mode);
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
    public VfioUserAttachment? Attachment => Volatile.Read(ref _attached) is { } session
        ? new VfioUserAttachment(session.Peer, session.Since.GetValueOrDefault(), session.MappedBytes)
        : null;

    /// <summary>What happened since the socket was opened.</summary>
    public VfioUserCounters Counters => Counts.Snapshot();

    /// <summary>Ends the session that there is now, if there is one; the next client is served. From any thread; does not wait.</summary>
    public void Disconnect(string reason)
    {
        if (Volatile.Read(ref _session) is { } session)
            Condemn(session, SessionEnd.ByServer(reason));
    }

    /// <summary>Ends the session and removes the socket file; when it returns nothing of the client's is in use any more.</summary>
    public void Dispose()
    {
        Endpoint.Gone -= OnGone;
        Server.Loop.Remove(this);
    }
}
