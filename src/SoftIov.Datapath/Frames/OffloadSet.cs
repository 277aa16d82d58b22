namespace SoftIov.Datapath;

/// <summary>Work that a port takes over as metadata; for the rest the switch does it in software before delivery.</summary>
[Flags]
public enum OffloadSet : byte
{
    /// <summary>Whole frames with whole checksums only.</summary>
    None = 0,

    /// <summary>Partial checksums.</summary>
    Checksum = 1,

    /// <summary>TCP over IPv4 segmentation.</summary>
    TcpV4 = 2,

    /// <summary>TCP over IPv6 segmentation.</summary>
    TcpV6 = 4,

    /// <summary>TCP segmentation of frames with CWR set.</summary>
    TcpEcn = 8,

    /// <summary>UDP segmentation over IPv4.</summary>
    UdpV4 = 16,

    /// <summary>UDP segmentation over IPv6.</summary>
    UdpV6 = 32,
}
