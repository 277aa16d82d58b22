namespace SoftIov.Transports;

/// <summary>Why a session is over.</summary>
/// <param name="Reason">In words, for logs.</param>
/// <param name="IsClientsFault">Whether the client broke the protocol.</param>
internal sealed record SessionEnd(string Reason, bool IsClientsFault)
{
    /// <summary>The ordinary end.</summary>
    public static SessionEnd ByClient { get; } = new("the client closed the connection", false);

    /// <summary>The client broke the protocol.</summary>
    public static SessionEnd Broken(string how) => new(how, true);

    /// <summary>Somebody here wanted it so.</summary>
    public static SessionEnd ByServer(string why) => new(why, false);
}
