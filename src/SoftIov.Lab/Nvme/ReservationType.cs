namespace SoftIov.Lab.Nvme;

/// <summary>RTYPE (NVMe base 2.0, 8.19).</summary>
public enum ReservationType : byte
{
    /// <summary>No reservation.</summary>
    None = 0,

    /// <summary>Write Exclusive.</summary>
    WriteExclusive = 1,

    /// <summary>Exclusive Access.</summary>
    ExclusiveAccess = 2,

    /// <summary>Write Exclusive - Registrants Only.</summary>
    WriteExclusiveRegistrants = 3,

    /// <summary>Exclusive Access - Registrants Only.</summary>
    ExclusiveAccessRegistrants = 4,

    /// <summary>Write Exclusive - All Registrants.</summary>
    WriteExclusiveAll = 5,

    /// <summary>Exclusive Access - All Registrants.</summary>
    ExclusiveAccessAll = 6,
}
