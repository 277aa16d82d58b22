namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Offsets in struct virtio_net_config and what its fields may hold (virtio 1.4, 5.1.4).</summary>
internal static class NetConfig
{
    public const int Mac = 0;
    public const int Status = 6;
    public const int MaxVirtqueuePairs = 8;
    public const int Mtu = 10;
    public const int Speed = 12;
    public const int Duplex = 16;
    public const int RssMaxKeySize = 17;
    public const int RssMaxIndirectionTableLength = 18;
    public const int SupportedHashTypes = 20;

    /// <summary>Bytes up to the last field of an offered feature.</summary>
    public const int Length = 24;

    /// <summary>duplex: full. The specification's text once says 0; drivers read 1.</summary>
    public const byte DuplexFull = 1;

    /// <summary>Exactly the least the specification allows: Linux 6.12 refuses a device that offers more.</summary>
    public const int RssKeySize = 40;

    /// <summary>The least the specification allows.</summary>
    public const int RssTableLength = 128;
}
