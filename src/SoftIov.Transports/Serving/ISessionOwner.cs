using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>Whose sessions a <see cref="SessionSocket{TSession}"/> has. All is called on the loop's thread.</summary>
internal interface ISessionOwner<TSession>
    where TSession : class, ISession
{
    /// <summary>Whether there is something to serve; when not, nobody else is let in.</summary>
    bool IsPresent { get; }

    /// <summary>How long who connected may take until its session counts.</summary>
    TimeSpan FirstWordTimeout { get; }

    /// <summary>What is said of those who took longer.</summary>
    string Silence { get; }

    /// <summary>Whether a peer is let in.</summary>
    bool Admits(PeerCredentials peer);

    /// <summary>A session for who was let in.</summary>
    TSession Begin(UnixStream stream, PeerCredentials peer);

    /// <summary>Somebody was not let in.</summary>
    void Refused();

    /// <summary>A session is about to be closed.</summary>
    void Ending(SessionEnd end);

    /// <summary>A session that counted is closed.</summary>
    void Ended(SessionEnd end);
}
