namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Bits of device_status (virtio 1.4, 2.1).</summary>
[Flags]
internal enum DeviceStatus
{
    /// <summary>Reset.</summary>
    None = 0,

    /// <summary>ACKNOWLEDGE.</summary>
    Acknowledge = 1,

    /// <summary>DRIVER.</summary>
    Driver = 2,

    /// <summary>DRIVER_OK.</summary>
    DriverOk = 4,

    /// <summary>FEATURES_OK.</summary>
    FeaturesOk = 8,

    /// <summary>DEVICE_NEEDS_RESET: set by the device only.</summary>
    NeedsReset = 64,

    /// <summary>FAILED.</summary>
    Failed = 128,

    /// <summary>What a driver may set.</summary>
    DriverBits = Acknowledge | Driver | DriverOk | FeaturesOk | Failed,
}
