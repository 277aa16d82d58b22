using System.Runtime.InteropServices;

namespace SoftIov.Lab.Virtio;

/// <summary>
/// struct virtio_net_hdr (virtio 1.4, 5.1.6): 12 bytes up to <see cref="BufferCount"/>, 20 when VIRTIO_NET_F_HASH_REPORT was agreed on.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = HashLength)]
public struct FrameHeader
{
    /// <summary>Bytes without the hash fields.</summary>
    public const int BaseLength = 12;

    /// <summary>Bytes with them.</summary>
    public const int HashLength = 20;

    /// <summary>VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
    public const byte NeedsChecksum = 1;

    /// <summary>VIRTIO_NET_HDR_F_DATA_VALID.</summary>
    public const byte DataValid = 2;

    /// <summary>VIRTIO_NET_HDR_GSO_TCPV4.</summary>
    public const byte TcpV4 = 1;

    /// <summary>VIRTIO_NET_HDR_GSO_TCPV6.</summary>
    public const byte TcpV6 = 4;

    /// <summary>VIRTIO_NET_HDR_GSO_UDP_L4.</summary>
    public const byte UdpL4 = 5;

    /// <summary>flags.</summary>
    public byte Flags;

    /// <summary>gso_type.</summary>
    public byte GsoType;

    /// <summary>hdr_len.</summary>
    public ushort HeaderLength;

    /// <summary>gso_size.</summary>
    public ushort GsoSize;

    /// <summary>csum_start.</summary>
    public ushort ChecksumStart;

    /// <summary>csum_offset.</summary>
    public ushort ChecksumOffset;

    /// <summary>num_buffers: receive only.</summary>
    public ushort BufferCount;

    /// <summary>hash_value.</summary>
    public uint HashValue;

    /// <summary>hash_report.</summary>
    public ushort HashReport;

    private readonly ushort _padding;
}
