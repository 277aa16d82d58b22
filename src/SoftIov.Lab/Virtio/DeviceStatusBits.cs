namespace SoftIov.Lab.Virtio;

/// <summary>device_status (virtio 1.4, 2.1).</summary>
[Flags]
public enum DeviceStatusBits : byte
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

    /// <summary>DEVICE_NEEDS_RESET.</summary>
    NeedsReset = 64,

    /// <summary>FAILED.</summary>
    Failed = 128,
}
