namespace SoftIov.Devices.Nvme;

/// <summary>A completion queue as far as it must survive its process.</summary>
internal struct CompletionQueueState
{
    /// <summary>IOVA of the first entry.</summary>
    public ulong Base;

    /// <summary>Entries; 0 when there is no such queue.</summary>
    public int Size;

    /// <summary>Next entry to be written.</summary>
    public int Tail;

    /// <summary>Next entry the host will read, as it last said.</summary>
    public int Head;

    /// <summary>Phase bit of the pass under way: 1 first.</summary>
    public ushort Phase;

    /// <summary>Interrupt vector.</summary>
    public ushort Vector;

    /// <summary>Non-zero: completions interrupt.</summary>
    public int InterruptsEnabled;
}
