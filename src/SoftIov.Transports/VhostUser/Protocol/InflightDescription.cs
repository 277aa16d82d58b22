using System.Buffers.Binary;

namespace SoftIov.Transports.VhostUser;

/// <summary>An inflight description (vhost-user specification, "Inflight description").</summary>
/// <param name="Size">Bytes of the regions of all rings.</param>
/// <param name="Offset">Where in the file they are.</param>
/// <param name="Rings">How many rings have one.</param>
/// <param name="RingSize">Entries of a ring at most.</param>
internal readonly record struct InflightDescription(ulong Size, ulong Offset, ushort Rings, ushort RingSize)
{
    /// <summary>Bytes.</summary>
    public const int Length = 20;

    /// <summary>Bytes with what compilers put behind it: QEMU sends and wants these.</summary>
    public const int PaddedLength = 24;

    /// <summary>Decodes.</summary>
    public static InflightDescription Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]));

    /// <summary>Encodes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Offset);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], Rings);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[18..], RingSize);
    }
}
