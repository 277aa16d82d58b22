namespace SoftIov.Devices.Nvme;

/// <summary>How the most recent sanitize operation went: the values of SSTAT bits 2:0 (NVMe 1.4, figure 221).</summary>
public enum SanitizeState
{
    /// <summary>There was none.</summary>
    Never = 0,

    /// <summary>All data are gone.</summary>
    Completed = 1,

    /// <summary>It runs; a restart starts it again.</summary>
    InProgress = 2,

    /// <summary>The store failed.</summary>
    Failed = 3,
}
