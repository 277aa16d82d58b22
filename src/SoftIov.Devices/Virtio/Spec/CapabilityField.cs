namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Offsets in struct virtio_pci_cap and the structs that extend it (virtio 1.4, 4.1.4).</summary>
internal static class CapabilityField
{
    public const int Length = 2;
    public const int Type = 3;
    public const int Bar = 4;
    public const int Offset = 8;
    public const int RegionLength = 12;

    /// <summary>notify_off_multiplier or pci_cfg_data, in the two types that are longer.</summary>
    public const int Extra = 16;

    /// <summary>Size of the plain struct.</summary>
    public const int PlainSize = 16;

    /// <summary>Size of the notify and the access struct.</summary>
    public const int ExtendedSize = 20;
}
