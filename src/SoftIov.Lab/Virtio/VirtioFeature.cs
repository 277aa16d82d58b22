namespace SoftIov.Lab.Virtio;

/// <summary>Feature bits a driver may ask for (virtio 1.4, 5.1.3 and 6); named as the specification names them.</summary>
[Flags]
public enum VirtioFeature : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>VIRTIO_NET_F_CSUM.</summary>
    Csum = 1UL << 0,

    /// <summary>VIRTIO_NET_F_GUEST_CSUM.</summary>
    GuestCsum = 1UL << 1,

    /// <summary>VIRTIO_NET_F_CTRL_GUEST_OFFLOADS.</summary>
    CtrlGuestOffloads = 1UL << 2,

    /// <summary>VIRTIO_NET_F_MTU.</summary>
    Mtu = 1UL << 3,

    /// <summary>VIRTIO_NET_F_MAC.</summary>
    Mac = 1UL << 5,

    /// <summary>VIRTIO_NET_F_GUEST_TSO4.</summary>
    GuestTso4 = 1UL << 7,

    /// <summary>VIRTIO_NET_F_GUEST_TSO6.</summary>
    GuestTso6 = 1UL << 8,

    /// <summary>VIRTIO_NET_F_GUEST_ECN.</summary>
    GuestEcn = 1UL << 9,

    /// <summary>VIRTIO_NET_F_HOST_TSO4.</summary>
    HostTso4 = 1UL << 11,

    /// <summary>VIRTIO_NET_F_HOST_TSO6.</summary>
    HostTso6 = 1UL << 12,

    /// <summary>VIRTIO_NET_F_HOST_ECN.</summary>
    HostEcn = 1UL << 13,

    /// <summary>VIRTIO_NET_F_MRG_RXBUF.</summary>
    MrgRxbuf = 1UL << 15,

    /// <summary>VIRTIO_NET_F_STATUS.</summary>
    Status = 1UL << 16,

    /// <summary>VIRTIO_NET_F_CTRL_VQ.</summary>
    CtrlVq = 1UL << 17,

    /// <summary>VIRTIO_NET_F_CTRL_RX.</summary>
    CtrlRx = 1UL << 18,

    /// <summary>VIRTIO_NET_F_CTRL_VLAN.</summary>
    CtrlVlan = 1UL << 19,

    /// <summary>VIRTIO_NET_F_CTRL_RX_EXTRA.</summary>
    CtrlRxExtra = 1UL << 20,

    /// <summary>VIRTIO_NET_F_GUEST_ANNOUNCE.</summary>
    GuestAnnounce = 1UL << 21,

    /// <summary>VIRTIO_NET_F_MQ.</summary>
    Mq = 1UL << 22,

    /// <summary>VIRTIO_NET_F_CTRL_MAC_ADDR.</summary>
    CtrlMacAddr = 1UL << 23,

    /// <summary>VIRTIO_F_INDIRECT_DESC.</summary>
    IndirectDesc = 1UL << 28,

    /// <summary>VIRTIO_F_EVENT_IDX.</summary>
    EventIdx = 1UL << 29,

    /// <summary>VIRTIO_F_VERSION_1.</summary>
    Version1 = 1UL << 32,

    /// <summary>VIRTIO_F_ACCESS_PLATFORM.</summary>
    AccessPlatform = 1UL << 33,

    /// <summary>VIRTIO_F_RING_PACKED.</summary>
    RingPacked = 1UL << 34,

    /// <summary>VIRTIO_F_IN_ORDER.</summary>
    InOrder = 1UL << 35,

    /// <summary>VIRTIO_F_SR_IOV.</summary>
    SrIov = 1UL << 37,

    /// <summary>VIRTIO_F_RING_RESET.</summary>
    RingReset = 1UL << 40,

    /// <summary>VIRTIO_NET_F_VQ_NOTF_COAL.</summary>
    VqNotfCoal = 1UL << 52,

    /// <summary>VIRTIO_NET_F_NOTF_COAL.</summary>
    NotfCoal = 1UL << 53,

    /// <summary>VIRTIO_NET_F_GUEST_USO4.</summary>
    GuestUso4 = 1UL << 54,

    /// <summary>VIRTIO_NET_F_GUEST_USO6.</summary>
    GuestUso6 = 1UL << 55,

    /// <summary>VIRTIO_NET_F_HOST_USO.</summary>
    HostUso = 1UL << 56,

    /// <summary>VIRTIO_NET_F_HASH_REPORT.</summary>
    HashReport = 1UL << 57,

    /// <summary>VIRTIO_NET_F_RSS.</summary>
    Rss = 1UL << 60,

    /// <summary>VIRTIO_NET_F_SPEED_DUPLEX.</summary>
    SpeedDuplex = 1UL << 63,
}
