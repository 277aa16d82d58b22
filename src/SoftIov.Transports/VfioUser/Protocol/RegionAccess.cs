using System.Buffers.Binary;

namespace SoftIov.Transports.VfioUser;

/// <summary>The head of REGION_READ and REGION_WRITE, and of each write of REGION_WRITE_MULTI.</summary>
/// <param name="Offset">Byte offset in the region.</param>
/// <param name="Region">Region index.</param>
/// <param name="Count">Bytes.</param>
internal readonly record struct RegionAccess(ulong Offset, uint Region, uint Count)
{
    /// <summary>Bytes.</summary>
    public const int Length = 16;

    /// <summary>Data bytes of one write of REGION_WRITE_MULTI, used or not.</summary>
    public const int MultiData = 8;

    /// <summary>Decodes.</summary>
    public static RegionAccess Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
}
