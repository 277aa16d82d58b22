namespace SoftIov.Memory;

/// <summary>Ring features the driver negotiated (virtio 1.4, 6 Reserved Feature Bits).</summary>
[Flags]
public enum RingFeatures : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>VIRTIO_F_INDIRECT_DESC.</summary>
    IndirectDescriptors = 1,

    /// <summary>VIRTIO_F_EVENT_IDX.</summary>
    EventIndex = 2,

    /// <summary>VIRTIO_F_RING_PACKED.</summary>
    Packed = 4,

    /// <summary>VIRTIO_F_IN_ORDER.</summary>
    InOrder = 8,
}
