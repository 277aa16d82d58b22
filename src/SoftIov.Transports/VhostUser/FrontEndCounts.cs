namespace SoftIov.Transports.VhostUser;

/// <summary>The counters of a socket while they count, on the loop thread.</summary>
internal sealed class FrontEndCounts
{
    private long _sessions;
    private long _refusedPeers;
    private long _messages;
    private long _refusedMessages;
    private long _brokenSessions;

    public void AddSession() => Interlocked.Increment(ref _sessions);

    public void AddRefusedPeer() => Interlocked.Increment(ref _refusedPeers);

    public void AddMessage() => Interlocked.Increment(ref _messages);

    public void AddRefusedMessage() => Interlocked.Increment(ref _refusedMessages);

    public void AddBrokenSession() => Interlocked.Increment(ref _brokenSessions);

    public VhostUserCounters Snapshot() => new(
        Volatile.Read(ref _sessions),
        Volatile.Read(ref _refusedPeers),
        Volatile.Read(ref _messages),
        Volatile.Read(ref _refusedMessages),
        Volatile.Read(ref _brokenSessions));
}
