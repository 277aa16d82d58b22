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

    /// <summary>Completes what ended; returns how many.</summary>
    int Reap();
}
