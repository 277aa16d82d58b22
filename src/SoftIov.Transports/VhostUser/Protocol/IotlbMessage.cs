using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <summary>A message about translations (vhost-user specification, "IOTLB message"), in either direction.</summary>
/// <param name="Iova">The first address as the device has it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="UserAddress">Where the front-end has the first byte.</param>
/// <param name="Permissions">1 reads, 2 writes.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct IotlbMessage(ulong Iova, ulong Size, ulong UserAddress, byte Permissions, IotlbKind Kind)
{
    /// <summary>Bytes that mean something.</summary>
    public const int Length = 26;

    /// <summary>Bytes with what compilers put behind it: QEMU sends and wants these.</summary>
    public const int PaddedLength = 32;

    private const int ReadBit = 1;
    private const int WriteBit = 2;

    /// <summary>What the device may do there.</summary>
    public DmaAccess Access =>
        ((Permissions & ReadBit) != 0 ? DmaAccess.Read : DmaAccess.None) | ((Permissions & WriteBit) != 0 ? DmaAccess.Write : DmaAccess.None);

    /// <summary>Asks for the translation of an address.</summary>
    public static IotlbMessage Miss(ulong iova, DmaAccess access) =>
        new(iova, 0, 0, (byte)((access & DmaAccess.Write) != 0 ? WriteBit : ReadBit), IotlbKind.Miss);

    /// <summary>Decodes.</summary>
    public static IotlbMessage Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        bytes[24],
        (IotlbKind)bytes[25]);

    /// <summary>Encodes, padding and all.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..PaddedLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Iova);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], UserAddress);
        bytes[24] = Permissions;
        bytes[25] = (byte)Kind;
    }
}
