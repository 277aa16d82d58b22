namespace SoftIov.Pcie;

/// <summary>Faults that stay in force for a while.</summary>
public enum FaultKind
{
    /// <summary>Request retry status for some requests.</summary>
    Retry,

    /// <summary>Request retry status for some time.</summary>
    RetryFor,

    /// <summary>Ready late after VF Enable and resets.</summary>
    Late,

    /// <summary>Configuration reads of all ones.</summary>
    AllOnes,

    /// <summary>Interrupt messages are lost.</summary>
    LostMessages,

    /// <summary>Interrupt messages come twice.</summary>
    RepeatedMessages,

    /// <summary>DMA is refused.</summary>
    RefusedDma,

    /// <summary>DMA reads are poisoned.</summary>
    PoisonedReads,
}
