namespace SoftIov.Datapath;

/// <summary>Segmentation that the receiver or the wire still owes a frame; numbers of virtio_net_hdr.gso_type (virtio 1.4, 5.1.6).</summary>
public enum GsoType : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    TcpV4 = 1,

    /// <summary>TCP over IPv6.</summary>
    TcpV6 = 4,

    /// <summary>UDP datagrams of gso_size each (USO), IPv4 or IPv6.</summary>
    UdpL4 = 5,
}
