using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>Where an endpoint is served, and to whom.</summary>
public sealed record VfioUserSocketOptions
{
    /// <summary>Path of the UNIX socket, at most 107 bytes. A socket file that a dead process left is replaced.</summary>
    public required string Path { get; init; }

    /// <summary>Permissions of the socket file: who can connect at all.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Takes guest memory whose file is not sealed against shrinking, or of huge pages. A client that then truncates it, or punches a hole while
    /// no huge page is left, ends this process by SIGBUS: only for clients that are trusted with that.
    /// </summary>
    public bool AllowUnsealedMemory { get; init; }

    /// <summary>
    /// Whether a peer (SO_PEERCRED) may have the endpoint; others are disconnected without an answer. Called on the loop thread for every
    /// connection: returns at once.
    /// </summary>
    public Func<PeerCredentials, bool> Admit { get; init; } = static _ => true;
}
