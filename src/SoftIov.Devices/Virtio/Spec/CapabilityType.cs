namespace SoftIov.Devices.Virtio.Spec;

/// <summary>What a virtio vendor capability points to: cfg_type (virtio 1.4, 4.1.4).</summary>
internal enum CapabilityType : byte
{
    /// <summary>Common configuration.</summary>
    Common = 1,

    /// <summary>Notifications.</summary>
    Notify = 2,

    /// <summary>ISR status.</summary>
    Isr = 3,

    /// <summary>Device-specific configuration.</summary>
    Device = 4,

    /// <summary>Access to BARs by configuration space.</summary>
    PciAccess = 5,
}
