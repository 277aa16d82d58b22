namespace SoftIov.Memory;

/// <summary>Where a virtqueue lies in its function's DMA domain (virtio 1.4, 2.7 split and 2.8 packed).</summary>
/// <param name="Size">Entries; a power of two when split, any number when packed; at most 32768.</param>
/// <param name="DescriptorArea">Descriptor table, or packed ring; 16-byte aligned.</param>
/// <param name="DriverArea">Available ring (2-byte aligned), or driver event area (4-byte aligned).</param>
/// <param name="DeviceArea">Used ring or device event area; 4-byte aligned.</param>
public readonly record struct VirtqueueLayout(ushort Size, ulong DescriptorArea, ulong DriverArea, ulong DeviceArea)
{
    /// <summary>Bytes of the descriptor table or packed ring.</summary>
    public ulong DescriptorBytes => (ulong)Size * RingDescriptor.Size;
}
