using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Addresses and ports of a frame: what hashes are calculated over (virtio 1.4, 5.1.6.4.3).</summary>
internal struct FlowKey
{
    private const int AddressesAt = 12;
    private const ushort EtherTypeIPv4 = 0x0800;
    private const ushort EtherTypeIPv6 = 0x86DD;
    private const ushort EtherTypeVlan = 0x8100;
    private const ushort EtherTypeServiceVlan = 0x88A8;
    private const int PortsLength = 4;

    private FlowKeyBytes _bytes;
    private FlowProtocol _protocol;

    /// <summary>Bytes of both addresses: 8, 32, or 0 when the frame is not IP.</summary>
    private byte _addressesLength;

    /// <summary>Reads the key from the first bytes of a frame, as far as they go.</summary>
    public static FlowKey Parse(ReadOnlySpan<byte> head)
    {
        int at = AddressesAt;
        ushort type = 0;
        while (at + sizeof(ushort) <= head.Length)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(head[at..]);
            at += sizeof(ushort);
            if (type != EtherTypeVlan && type != EtherTypeServiceVlan)
                break;
            at += sizeof(ushort);
        }

        var key = default(FlowKey);
        if (at >= head.Length)
            return key;
        if (type == EtherTypeIPv4)
            key.ReadIPv4(head[at..]);
        else if (type == EtherTypeIPv6)
            key.ReadIPv6(head[at..]);
        return key;
    }

    /// <summary>
    /// What to hash, given the types switched on: ports before addresses alone. Empty when the frame matches none of them;
    /// <paramref name="type"/> is the one that matched.
    /// </summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Input(HashTypes enabled, out HashTypes type)
    {
        bool isIPv4 = _addressesLength == 8;
        HashTypes withPorts = _protocol switch
        {
            FlowProtocol.Tcp => isIPv4 ? HashTypes.TcpV4 : HashTypes.TcpV6,
            FlowProtocol.Udp => isIPv4 ? HashTypes.UdpV4 : HashTypes.UdpV6,
            _ => HashTypes.None,
        };
        HashTypes plain = _addressesLength == 0 ? HashTypes.None : isIPv4 ? HashTypes.IPv4 : HashTypes.IPv6;
        bool hasPorts = (enabled & withPorts) != 0;
        type = hasPorts ? withPorts : enabled & plain;
        int length = type == HashTypes.None ? 0 : _addressesLength + (hasPorts ? PortsLength : 0);
        return ((ReadOnlySpan<byte>)_bytes)[..length];
    }

    /// <summary>A hash that is the same for both directions of a flow; 0 for what is not IP.</summary>
    public readonly uint SymmetricHash()
    {
        if (_addressesLength == 0)
            return 0;

        ReadOnlySpan<byte> bytes = _bytes;
        int half = _addressesLength / 2;
        ulong mixed = (ulong)(BinaryPrimitives.ReadUInt16LittleEndian(bytes[_addressesLength..])
            ^ BinaryPrimitives.ReadUInt16LittleEndian(bytes[(_addressesLength + sizeof(ushort))..])) << 32;
        for (int i = 0; i < half; i += sizeof(uint))
        {
            uint either = BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]) ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes[(half + i)..]);
            mixed = (mixed ^ either) * 0x9E37_79B9_7F4A_7C15;
        }

        return (uint)((mixed * 0x9E37_79B9_7F4A_7C15) >> 32);
    }

    private void ReadIPv4(ReadOnlySpan<byte> header)
    {
        const int MinimumLength = 20;
        if (header.Length < MinimumLength)
            return;

        SetAddresses(header.Slice(12, 8));
        int headerLength = (header[0] & 15) * sizeof(uint);
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(header[6..]) & 0x3FFF) != 0;
        if (!isFragment && headerLength >= MinimumLength)
            ReadPorts(header[9], header, headerLength);
    }

    /// <summary>Walks over hop-by-hop, routing and destination headers; a fragment header ends the walk, since ports may not follow.</summary>
    private void ReadIPv6(ReadOnlySpan<byte> header)
    {
        const int FixedLength = 40;
        const byte HopByHop = 0;
        const byte Routing = 43;
        const byte Destination = 60;
        if (header.Length < FixedLength)
            return;

        SetAddresses(header.Slice(8, 32));
        byte next = header[6];
        int at = FixedLength;
        while (next is HopByHop or Routing or Destination && at + 2 <= header.Length)
        {
            next = header[at];
            at += 8 + (header[at + 1] * 8);
        }

        ReadPorts(next, header, at);
    }

    private void SetAddresses(ReadOnlySpan<byte> addresses)
    {
        addresses.CopyTo(_bytes);
        _addressesLength = (byte)addresses.Length;
    }

    private void ReadPorts(byte protocol, ReadOnlySpan<byte> header, int at)
    {
        const byte Tcp = 6;
        const byte Udp = 17;
        if (protocol is not (Tcp or Udp) || at + PortsLength > header.Length)
            return;

        _protocol = protocol == Tcp ? FlowProtocol.Tcp : FlowProtocol.Udp;
        header.Slice(at, PortsLength).CopyTo(((Span<byte>)_bytes)[_addressesLength..]);
    }
}
