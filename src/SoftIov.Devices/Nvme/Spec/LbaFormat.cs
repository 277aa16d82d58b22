namespace SoftIov.Devices.Nvme.Spec;

/// <summary>The LBA formats every namespace can have: 512 and 4096 bytes, no metadata. The number is the index in Identify Namespace.</summary>
internal static class LbaFormat
{
    /// <summary>Formats.</summary>
    public const int Count = 2;

    /// <summary>Bytes of a block as a power of two: 9 or 12.</summary>
    public static int Shift(int format) => format == 0 ? 9 : 12;
}
