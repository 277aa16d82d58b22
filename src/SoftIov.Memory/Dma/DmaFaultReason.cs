namespace SoftIov.Memory;

/// <summary>Why a DMA access was refused, with the numbers VT-d uses (VT-d specification, fault reason encodings).</summary>
public enum DmaFaultReason : byte
{
    /// <summary>No mapping at the address (context not present).</summary>
    NotPresent = 2,

    /// <summary>The access wraps or lies beyond the address width.</summary>
    BeyondAddressWidth = 4,

    /// <summary>Write to a mapping without write permission.</summary>
    NoWrite = 5,

    /// <summary>Read of a mapping without read permission.</summary>
    NoRead = 6,

    /// <summary>An interrupt message whose requester id is not its function's.</summary>
    InterruptSourceMismatch = 0x26,
}
