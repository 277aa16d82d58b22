namespace SoftIov.Devices.Nvme;

/// <summary>How commands reach the store: by copies from and to memory, or by requests that take time. Poller only.</summary>
internal interface IIoPath
{
    /// <summary>Another command can be taken.</summary>
    bool HasRoom(long nowTicks);

    /// <summary>Commands that are under way.</summary>
    int InFlight { get; }

    /// <summary>Does a command whose data, if it has any, are those of <paramref name="data"/>.</summary>
    CommandResult Execute(in IoRequest request, PrpList data);

    /// <summary>Does a command on several ranges of one namespace: Dataset Management, or Copy to the request's own range.</summary>
    CommandResult Execute(in IoRequest request, ReadOnlySpan<ByteRange> ranges);

    /// <summary>Starts what was taken in this round.</summary>
    void Start();

    /// <summary>
    /// Takes answers of the store, at most so many, and completes what ended if <paramref name="mayComplete"/> says that the host's memory is
    /// there; else a later call does. Returns how many there were.
    /// </summary>
    int Reap(bool mayComplete, int atMost);

    /// <summary>Nobody waits any more for what is under way. No command starts while something of it can still change the store.</summary>
    void Forget();

    /// <summary>Has what came from a queue that is deleted end, aborted, as soon as nothing of it can change the store any more.</summary>
    void Abort(SubmissionQueue queue);
}
