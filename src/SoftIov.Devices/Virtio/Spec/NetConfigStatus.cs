namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Bits of the net configuration's status field (virtio 1.4, 5.1.4).</summary>
[Flags]
internal enum NetConfigStatus
{
    /// <summary>Link down.</summary>
    None = 0,

    /// <summary>VIRTIO_NET_S_LINK_UP.</summary>
    LinkUp = 1,

    /// <summary>VIRTIO_NET_S_ANNOUNCE.</summary>
    Announce = 2,
}
