namespace SoftIov.Transports.VfioUser;

/// <summary>Region indexes of a PCI device (linux/vfio.h, VFIO_PCI_*_REGION_INDEX); 0 to 5 are the BARs.</summary>
internal static class RegionIndex
{
    /// <summary>Expansion ROM.</summary>
    public const uint Rom = 6;

    /// <summary>Configuration space.</summary>
    public const uint Config = 7;

    /// <summary>Legacy VGA ranges.</summary>
    public const uint Vga = 8;

    /// <summary>Number of indexes; clients ask for every one of them.</summary>
    public const uint Count = 9;
}
