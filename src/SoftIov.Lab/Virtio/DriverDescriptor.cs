using System.Runtime.InteropServices;

namespace SoftIov.Lab.Virtio;

/// <summary>A descriptor as it lies in the ring: split (virtio 1.4, 2.7.5) or packed (2.8.13).</summary>
/// <param name="Address">Buffer address.</param>
/// <param name="Length">Buffer length in bytes.</param>
/// <param name="Low">Split: flags. Packed: buffer id.</param>
/// <param name="High">Split: next. Packed: flags.</param>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public readonly record struct DriverDescriptor(ulong Address, uint Length, ushort Low, ushort High)
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>VIRTQ_DESC_F_NEXT.</summary>
    public const ushort Next = 1;

    /// <summary>VIRTQ_DESC_F_WRITE: the device writes.</summary>
    public const ushort Write = 2;

    /// <summary>VIRTQ_DESC_F_INDIRECT.</summary>
    public const ushort Indirect = 4;

    /// <summary>VIRTQ_DESC_F_AVAIL of packed rings.</summary>
    public const ushort Available = 1 << 7;

    /// <summary>VIRTQ_DESC_F_USED of packed rings.</summary>
    public const ushort Used = 1 << 15;
}
