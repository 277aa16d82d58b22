using SoftIov.Devices.Virtio;
using SoftIov.Pcie;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// The rings of one function on one UNIX socket, for one front-end at a time: a second one waits in the backlog until the first is gone.
/// Events come on the server's loop thread; handlers return at once and do not dispose of anything.
/// </summary>
public sealed partial class VhostUserSocket : ILoopSocket, IDisposable
{
    internal VhostUserSocket(VhostUserServer server, IEndpoint endpoint, IRingDevice device, VhostUserSocketOptions options, ulong number)
    {
        Server = server;
        Endpoint = endpoint;
        Device = device;
        Options = options;
        Number = number;
        _listener = options.IsClient ? null : new(options.Path, options.Mode);
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
    public VhostUserAttachment? Attachment => Volatile.Read(ref _attached) is { } session
        ? new VhostUserAttachment(session.Peer, session.Since.GetValueOrDefault(), session.MappedBytes)
        : null;

    /// <summary>What happened since the socket was opened.</summary>
    public VhostUserCounters Counters => Counts.Snapshot();

    /// <summary>Ends the session that there is now, if there is one; the next front-end is served. From any thread; does not wait.</summary>
    public void Disconnect(string reason)
    {
        if (Volatile.Read(ref _session) is { } session)
            Condemn(session, SessionEnd.ByServer(reason));
    }

    /// <summary>Ends the session and removes the socket file; when it returns nothing of the front-end's is in use any more.</summary>
    public void Dispose()
    {
        Endpoint.Gone -= OnGone;
        Server.Loop.Remove(this);
    }
}
