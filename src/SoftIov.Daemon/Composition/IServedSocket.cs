using SoftIov.Linux;

namespace SoftIov.Daemon.Composition;

/// <summary>A function's socket, whatever is spoken there.</summary>
internal interface IServedSocket : IDisposable
{
    /// <summary>What is spoken.</summary>
    string Transport { get; }

    /// <summary>Where.</summary>
    string Path { get; }

    /// <summary>The file at <see cref="Path"/> is ours, to be given to whoever has the lease.</summary>
    bool IsOurs { get; }

    /// <summary>Who has the function: peer, since when, and how much memory it shares; null when nobody has.</summary>
    (PeerCredentials Peer, DateTimeOffset Since, long MappedBytes)? Attachment { get; }

    /// <summary>Ends the attachment and waits for its end; the socket stays.</summary>
    void Disconnect(string reason);
}
