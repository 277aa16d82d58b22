namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Flags of struct virtio_net_hdr (virtio 1.4, 5.1.6).</summary>
[Flags]
internal enum NetHeaderFlags : byte
{
    None = 0,

    /// <summary>VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
    NeedsCsum = 1,

    /// <summary>VIRTIO_NET_HDR_F_DATA_VALID.</summary>
    DataValid = 2,
}
