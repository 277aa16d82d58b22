namespace SoftIov.Devices.Nvme;

/// <summary>Bytes of a namespace.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Bytes that one takes in a list.</summary>
    public const int Bytes = 16;

    /// <summary>Bytes of the longest list: 256 ranges, what one Dataset Management can name.</summary>
    public const int ListBytes = 256 * Bytes;
}
