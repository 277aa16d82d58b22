namespace SoftIov.Devices.Virtio.Spec;

/// <summary>What a receive hash may be calculated over (virtio 1.4, 5.1.6.4.3.1).</summary>
[Flags]
internal enum HashTypes : uint
{
    None = 0,
    IPv4 = 1,
    TcpV4 = 2,
    UdpV4 = 4,
    IPv6 = 8,
    TcpV6 = 16,
    UdpV6 = 32,

    /// <summary>What this device calculates: all but the variants that look for mobile addresses in extension headers.</summary>
    Supported = IPv4 | TcpV4 | UdpV4 | IPv6 | TcpV6 | UdpV6,
}
