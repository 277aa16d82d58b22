namespace SoftIov.Transports.VfioUser;

/// <summary>The counters of a socket while they count: by the loop, and by pollers that make DMA accesses by messages.</summary>
internal sealed class SessionCounts
{
    private long _sessions;
    private long _refusedPeers;
    private long _commands;
    private long _refusedCommands;
    private long _brokenSessions;
    private long _messageAccesses;
    private long _failedMessageAccesses;

    public void AddSession() => Interlocked.Increment(ref _sessions);

    public void AddRefusedPeer() => Interlocked.Increment(ref _refusedPeers);

    public void AddCommand() => Interlocked.Increment(ref _commands);

    public void AddRefusedCommand() => Interlocked.Increment(ref _refusedCommands);

    public void AddBrokenSession() => Interlocked.Increment(ref _brokenSessions);

    public void AddMessageAccess(bool isDone)
    {
        Interlocked.Increment(ref _messageAccesses);
        if (!isDone)
            Interlocked.Increment(ref _failedMessageAccesses);
    }

    public VfioUserCounters Snapshot() => new(
        Volatile.Read(ref _sessions),
        Volatile.Read(ref _refusedPeers),
        Volatile.Read(ref _commands),
        Volatile.Read(ref _refusedCommands),
        Volatile.Read(ref _brokenSessions),
        Volatile.Read(ref _messageAccesses),
        Volatile.Read(ref _failedMessageAccesses));
}
