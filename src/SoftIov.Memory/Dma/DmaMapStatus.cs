namespace SoftIov.Memory;

/// <summary>Outcome of changing a DMA domain's map.</summary>
public enum DmaMapStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>The range overlaps a mapping that exists.</summary>
    Overlap,

    /// <summary>The range is empty, wraps past 2^64, or reaches past its memory.</summary>
    BadRange,

    /// <summary>No mapping lies exactly in the range, or the range would cut one in two.</summary>
    NotMapped,

    /// <summary>The domain holds its maximum number of mappings.</summary>
    TooMany,
}
