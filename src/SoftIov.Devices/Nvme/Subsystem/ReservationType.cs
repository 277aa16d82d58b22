namespace SoftIov.Devices.Nvme;

/// <summary>What a reservation forbids whom (NVMe 1.4, figure 412).</summary>
public enum ReservationType : byte
{
    /// <summary>Nobody holds one.</summary>
    None = 0,

    /// <summary>Only the holder writes.</summary>
    WriteExclusive = 1,

    /// <summary>Only the holder reads and writes.</summary>
    ExclusiveAccess = 2,

    /// <summary>Only registrants write.</summary>
    WriteExclusiveRegistrantsOnly = 3,

    /// <summary>Only registrants read and write.</summary>
    ExclusiveAccessRegistrantsOnly = 4,

    /// <summary>Only registrants write, and all of them hold it.</summary>
    WriteExclusiveAllRegistrants = 5,

    /// <summary>Only registrants read and write, and all of them hold it.</summary>
    ExclusiveAccessAllRegistrants = 6,
}
