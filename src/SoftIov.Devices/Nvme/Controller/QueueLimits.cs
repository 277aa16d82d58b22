namespace SoftIov.Devices.Nvme;

/// <summary>What bounds the queues of every controller.</summary>
internal static class QueueLimits
{
    /// <summary>I/O queue pairs at most.</summary>
    public const int IoPairs = 64;

    /// <summary>Queue identifiers: 0 is the admin pair.</summary>
    public const int Count = IoPairs + 1;
}
