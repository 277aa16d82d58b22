namespace SoftIov.Transports.VfioUser;

/// <summary>Commands of the protocol (vfio-user specification, "Commands"), with the numbers that clients send.</summary>
internal enum VfioUserCommand : ushort
{
    /// <summary>Agree on a version; first of all.</summary>
    Version = 1,

    /// <summary>Map guest memory.</summary>
    DmaMap = 2,

    /// <summary>Unmap guest memory.</summary>
    DmaUnmap = 3,

    /// <summary>What the device is.</summary>
    DeviceGetInfo = 4,

    /// <summary>What a region is.</summary>
    DeviceGetRegionInfo = 5,

    /// <summary>Descriptors that bypass region accesses.</summary>
    DeviceGetRegionIoFds = 6,

    /// <summary>What an interrupt index is.</summary>
    DeviceGetIrqInfo = 7,

    /// <summary>Set up, mask or fire interrupts.</summary>
    DeviceSetIrqs = 8,

    /// <summary>Read a region.</summary>
    RegionRead = 9,

    /// <summary>Write a region.</summary>
    RegionWrite = 10,

    /// <summary>Server to client: read guest memory.</summary>
    DmaRead = 11,

    /// <summary>Server to client: write guest memory.</summary>
    DmaWrite = 12,

    /// <summary>Reset the device.</summary>
    DeviceReset = 13,

    /// <summary>Obsolete; the number stays reserved.</summary>
    DirtyPages = 14,

    /// <summary>Several small region writes.</summary>
    RegionWriteMulti = 15,

    /// <summary>Get, set or probe a feature.</summary>
    DeviceFeature = 16,
}
