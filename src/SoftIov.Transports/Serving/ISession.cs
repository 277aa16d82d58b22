using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>One client on one socket, from its connection on, as the socket sees it.</summary>
internal interface ISession
{
    /// <summary>The connection.</summary>
    UnixStream Stream { get; }

    /// <summary>When the client had said enough to count; null before.</summary>
    DateTimeOffset? Since { get; }

    /// <summary>Serves what came, one turn; says when the session is over, and why.</summary>
    SessionEnd? Serve();

    /// <summary>Something that the session watches with <see cref="SessionSocket{TSession}.Token"/> is ready.</summary>
    void Ready(int which);

    /// <summary>Takes from the client what it had; when it returns nothing of the client's is in use any more.</summary>
    void Close();
}
