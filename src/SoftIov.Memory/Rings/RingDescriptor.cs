using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>
/// One descriptor, 16 bytes: split (virtio 1.4, 2.7.5: address, length, flags, next) and packed (2.8.13: address, length, id, flags).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct RingDescriptor
{
    /// <summary>The chain goes on.</summary>
    public const ushort Next = 1;

    /// <summary>The device may write the buffer, not read it.</summary>
    public const ushort Write = 2;

    /// <summary>The buffer holds a table of descriptors.</summary>
    public const ushort Indirect = 4;

    /// <summary>Packed: toggles with the driver's wrap counter when made available.</summary>
    public const ushort Available = 1 << 7;

    /// <summary>Packed: toggles with the device's wrap counter when used.</summary>
    public const ushort Used = 1 << 15;

    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Buffer address in the DMA domain.</summary>
    [FieldOffset(0)]
    public ulong Address;

    /// <summary>Buffer length in bytes.</summary>
    [FieldOffset(8)]
    public uint Length;

    /// <summary>Split: flags.</summary>
    [FieldOffset(12)]
    public ushort SplitFlags;

    /// <summary>Split: index of the next descriptor.</summary>
    [FieldOffset(14)]
    public ushort SplitNext;

    /// <summary>Packed: buffer id.</summary>
    [FieldOffset(12)]
    public ushort PackedId;

    /// <summary>Packed: flags.</summary>
    [FieldOffset(14)]
    public ushort PackedFlags;
}
