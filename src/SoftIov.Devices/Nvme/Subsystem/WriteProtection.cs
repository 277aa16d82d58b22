namespace SoftIov.Devices.Nvme;

/// <summary>Namespace Write Protection Config (feature 84h; NVMe 1.4, figure 331).</summary>
public enum WriteProtection
{
    /// <summary>Writes are allowed.</summary>
    None = 0,

    /// <summary>No writes, also after a restart.</summary>
    Protected = 1,

    /// <summary>No writes, and no other state, until the subsystem starts again.</summary>
    UntilPowerCycle = 2,
}
