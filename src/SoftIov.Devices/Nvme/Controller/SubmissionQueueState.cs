namespace SoftIov.Devices.Nvme;

/// <summary>A submission queue as far as it must survive its process: where it is, and how far it was read.</summary>
internal struct SubmissionQueueState
{
    /// <summary>IOVA of the first entry.</summary>
    public ulong Base;

    /// <summary>Entries; 0 when there is no such queue.</summary>
    public int Size;

    /// <summary>Next entry to be fetched.</summary>
    public int Head;

    /// <summary>Where its completions go.</summary>
    public ushort CompletionQueue;
}
