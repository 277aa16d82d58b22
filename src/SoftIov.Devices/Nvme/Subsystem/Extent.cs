namespace SoftIov.Devices.Nvme;

/// <summary>A run of bytes in a block store.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes, at least 1.</param>
public readonly record struct Extent(long Offset, long Length)
{
    /// <summary>The byte behind the last one.</summary>
    public long End => Offset + Length;
}
