using System.Buffers.Binary;

namespace SoftIov.Transports.VhostUser;

/// <summary>A memory region description (vhost-user specification, "Memory region description").</summary>
/// <param name="GuestAddress">Address in descriptors.</param>
/// <param name="Size">Bytes.</param>
/// <param name="UserAddress">Address in the front-end, by which it says where rings are.</param>
/// <param name="FileOffset">Where in the file the first byte is.</param>
internal readonly record struct RegionRequest(ulong GuestAddress, ulong Size, ulong UserAddress, ulong FileOffset)
{
    /// <summary>Bytes.</summary>
    public const int Length = 32;

    /// <summary>Decodes.</summary>
    public static RegionRequest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
}
