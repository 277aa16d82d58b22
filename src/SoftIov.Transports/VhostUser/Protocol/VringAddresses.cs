using System.Buffers.Binary;

namespace SoftIov.Transports.VhostUser;

/// <summary>A vring address description (vhost-user specification, "Vring address description"): addresses of the front-end.</summary>
/// <param name="Index">The ring.</param>
/// <param name="Flags">Bit 0: what is written to the used ring is logged.</param>
/// <param name="Descriptors">Descriptor table, or packed ring.</param>
/// <param name="Used">Used ring, or device event area.</param>
/// <param name="Available">Available ring, or driver event area.</param>
internal readonly record struct VringAddresses(uint Index, uint Flags, ulong Descriptors, ulong Used, ulong Available)
{
    /// <summary>Bytes, with the address for the log behind.</summary>
    public const int Length = 40;

    /// <summary>Decodes.</summary>
    public static VringAddresses Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
}
