using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One endpoint on one UNIX socket, for one client at a time: a second one waits in the backlog until the first is gone. Events come on the
/// server's loop thread; handlers return at once and do not dispose of anything.
/// </summary>
public sealed class VfioUserSocket : IDisposable
{
    internal VfioUserSocket(IEndpoint endpoint, VfioUserSocketOptions options)
    {
        Endpoint = endpoint;
        Path = options.Path;
    }

    /// <summary>A client agreed on a version; <see cref="Attachment"/> tells about it.</summary>
    public event Action<VfioUserSocket>? Attached;

    /// <summary>The client is gone, and why.</summary>
    public event Action<VfioUserSocket, string>? Detached;

    /// <summary>What is served.</summary>
    public IEndpoint Endpoint { get; }

    /// <summary>Where.</summary>
    public string Path { get; }

    /// <summary>The client that has the endpoint; null when there is none.</summary>
    public VfioUserAttachment? Attachment { get; private set; }

    /// <summary>What happened since the socket was opened.</summary>
    public VfioUserCounters Counters => default;

    /// <summary>Ends the session, if there is one; the next client is served. From any thread; does not wait.</summary>
    public void Disconnect(string reason)
    {
        Attachment = null;
        Detached?.Invoke(this, reason);
    }

    /// <summary>Ends the session and removes the socket file; when it returns nothing of the client's is in use any more.</summary>
    public void Dispose() => Attached?.Invoke(this);
}
