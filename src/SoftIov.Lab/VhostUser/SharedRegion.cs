using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VhostUser;

/// <summary>Memory that a front-end shares with its back-end.</summary>
/// <param name="GuestAddress">Address in descriptors.</param>
/// <param name="Size">Bytes.</param>
/// <param name="UserAddress">Address by which the front-end says where rings are.</param>
/// <param name="FileOffset">Where in the file the first byte is.</param>
/// <param name="File">The file.</param>
public readonly record struct SharedRegion(ulong GuestAddress, ulong Size, ulong UserAddress, ulong FileOffset, FileDescriptor File)
{
    internal const int Length = 32;

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, GuestAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], UserAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], FileOffset);
    }
}
