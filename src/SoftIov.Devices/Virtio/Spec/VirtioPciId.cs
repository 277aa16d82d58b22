namespace SoftIov.Devices.Virtio.Spec;

/// <summary>PCI identity of a non-transitional network device (virtio 1.4, 4.1.2).</summary>
internal static class VirtioPciId
{
    /// <summary>Vendor and subsystem vendor.</summary>
    public const ushort Vendor = 0x1AF4;

    /// <summary>1040h + device type 1.</summary>
    public const ushort NetDevice = 0x1041;

    /// <summary>1 or higher marks a device without the legacy interface.</summary>
    public const byte Revision = 1;

    /// <summary>40h or higher; the Windows driver package matches exactly this one.</summary>
    public const ushort Subsystem = 0x1100;

    /// <summary>Network controller, Ethernet.</summary>
    public const int NetClass = 0x020000;
}
