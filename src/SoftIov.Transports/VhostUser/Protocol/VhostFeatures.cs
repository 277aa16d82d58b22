namespace SoftIov.Transports.VhostUser;

/// <summary>Feature bits that are the transport's own, among those of the device.</summary>
internal static class VhostFeatures
{
    /// <summary>VHOST_USER_F_PROTOCOL_FEATURES: there are protocol features, and rings start disabled.</summary>
    public const ulong ProtocolFeatures = 1UL << 30;

    /// <summary>VHOST_F_LOG_ALL: what is written is logged.</summary>
    public const ulong LogAll = 1UL << 26;

    /// <summary>VIRTIO_F_ACCESS_PLATFORM: addresses are those of an IOMMU, whose table the front-end has.</summary>
    public const ulong AccessPlatform = 1UL << 33;

    /// <summary>All of them.</summary>
    public const ulong All = ProtocolFeatures | LogAll | AccessPlatform;
}
