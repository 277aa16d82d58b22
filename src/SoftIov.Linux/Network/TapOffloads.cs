namespace SoftIov.Linux;

/// <summary>Work that the reader of a tap takes over from the kernel (TUN_F_* of linux/if_tun.h).</summary>
[Flags]
public enum TapOffloads : uint
{
    /// <summary>Whole frames with whole checksums.</summary>
    None = 0,

    /// <summary>Partial checksums.</summary>
    Checksum = 0x01,

    /// <summary>TCP over IPv4 segmentation.</summary>
    TcpV4 = 0x02,

    /// <summary>TCP over IPv6 segmentation.</summary>
    TcpV6 = 0x04,

    /// <summary>TCP segmentation of frames with CWR set.</summary>
    TcpEcn = 0x08,

    /// <summary>UDP segmentation over IPv4; Linux 6.2 and newer.</summary>
    UdpV4 = 0x20,

    /// <summary>UDP segmentation over IPv6; Linux 6.2 and newer.</summary>
    UdpV6 = 0x40,
}
