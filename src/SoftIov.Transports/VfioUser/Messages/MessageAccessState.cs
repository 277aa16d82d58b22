namespace SoftIov.Transports.VfioUser;

/// <summary>Where a DMA message stands.</summary>
internal enum MessageAccessState
{
    /// <summary>Free to use.</summary>
    Idle,

    /// <summary>Sent; no answer yet.</summary>
    Waiting,

    /// <summary>Answered: done.</summary>
    Done,

    /// <summary>Answered: refused.</summary>
    Failed,

    /// <summary>Nobody waits for the answer any more.</summary>
    Cancelled,
}
