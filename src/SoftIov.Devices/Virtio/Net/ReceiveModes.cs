namespace SoftIov.Devices.Virtio.Net;

/// <summary>What VIRTIO_NET_CTRL_RX commands switch (virtio 1.4, 5.1.6.5.1); bit n belongs to command n.</summary>
[Flags]
internal enum ReceiveModes
{
    None = 0,
    Promiscuous = 1,
    AllMulticast = 2,
    AllUnicast = 4,
    NoMulticast = 8,
    NoUnicast = 16,
    NoBroadcast = 32,

    /// <summary>Until a driver says otherwise it hears every group frame of its VLANs.</summary>
    AtReset = AllMulticast,
}
