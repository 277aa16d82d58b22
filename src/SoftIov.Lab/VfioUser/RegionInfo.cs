namespace SoftIov.Lab.VfioUser;

/// <summary>Answer to DEVICE_GET_REGION_INFO.</summary>
/// <param name="ArgumentSize">Bytes of the structure and its capabilities.</param>
/// <param name="Flags">Bit 0: readable; 1: writable; 2: mappable; 3: has capabilities.</param>
/// <param name="Index">Region index.</param>
/// <param name="CapabilityOffset">Where capabilities begin.</param>
/// <param name="Size">Bytes; 0 when the region is not there.</param>
/// <param name="Offset">Offset for mmap.</param>
public readonly record struct RegionInfo(uint ArgumentSize, uint Flags, uint Index, uint CapabilityOffset, ulong Size, ulong Offset)
{
    /// <summary>Whether some of it can be mapped.</summary>
    public bool IsMappable => (Flags & 4) != 0;

    /// <summary>Whether there are capabilities.</summary>
    public bool HasCapabilities => (Flags & 8) != 0;
}
