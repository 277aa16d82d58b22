using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Transports.VfioUser;

/// <summary>DMA_MAP as it is sent.</summary>
/// <param name="ArgumentSize">Bytes of the structure.</param>
/// <param name="Flags">Permissions and how to access.</param>
/// <param name="Offset">Offset in the file, if one came.</param>
/// <param name="Iova">First guest address.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct DmaMapRequest(uint ArgumentSize, uint Flags, ulong Offset, ulong Iova, ulong Size)
{
    /// <summary>Bytes.</summary>
    public const int Length = 32;

    private const uint ReadFlag = 1;
    private const uint WriteFlag = 2;
    private const uint MapFlag = 4;
    private const uint FileIoFlag = 8;
    private const uint KnownFlags = ReadFlag | WriteFlag | MapFlag | FileIoFlag;

    /// <summary>What the device may do there.</summary>
    public DmaAccess Access =>
        ((Flags & ReadFlag) != 0 ? DmaAccess.Read : DmaAccess.None) | ((Flags & WriteFlag) != 0 ? DmaAccess.Write : DmaAccess.None);

    /// <summary>True when the client names a way that needs a file.</summary>
    public bool NeedsFile => (Flags & (MapFlag | FileIoFlag)) != 0;

    /// <summary>True when the file may only be read and written, not mapped.</summary>
    public bool IsFileIoOnly => (Flags & (MapFlag | FileIoFlag)) == FileIoFlag;

    /// <summary>True when no unknown flag is set and some access is permitted.</summary>
    public bool HasValidFlags => (Flags & ~KnownFlags) == 0 && Access != DmaAccess.None;

    /// <summary>Decodes.</summary>
    public static DmaMapRequest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
}
