using System.Buffers.Binary;

namespace SoftIov.Datapath;

/// <summary>
/// Where the headers of a TCP or UDP packet lie in its frame, read from the headers themselves: what a driver says of them is a hint.
/// Fragments and source-routed packets have no layout: nothing can be segmented there.
/// </summary>
internal readonly record struct HeaderLayout(int Network, int Transport, int Payload, bool IsIPv6, byte Protocol)
{
    /// <summary>Bytes of a frame that are looked at; headers beyond are refused.</summary>
    public const int MaxLength = 256;

    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const int UdpHeaderSize = 8;
    public const int IPv6HeaderSize = 40;

    private const int MinIPv4HeaderSize = 20;
    private const int MinTcpHeaderSize = 20;
    private const int MaxTags = 3;
    private const byte HopByHopOptions = 0;
    private const byte Routing = 43;
    private const byte DestinationOptions = 60;
    private const ushort FragmentBits = 0x3FFF;

    public bool IsTcp => Protocol == Tcp;

    /// <summary>Where the checksum lies in the transport header.</summary>
    public int ChecksumOffset => IsTcp ? 16 : 6;

    /// <summary>Reads the headers of a frame from its first bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out HeaderLayout layout)
    {
        layout = default;
        int at = 2 * MacAddress.Size;
        for (int tags = 0; tags < MaxTags && at + 6 <= frame.Length && VlanTag.IsTagProtocol(Read16(frame, at)); tags++)
        {
            at += VlanTag.Size;
        }

        if (at + 2 > frame.Length)
        {
            return false;
        }

        int network = at + 2;
        return Read16(frame, at) switch
        {
            EtherType.IPv4 => TryParseIPv4(frame, network, out layout),
            EtherType.IPv6 => TryParseIPv6(frame, network, out layout),
            _ => false,
        };
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> frame, int network, out HeaderLayout layout)
    {
        layout = default;
        if (network + MinIPv4HeaderSize > frame.Length || frame[network] >> 4 != 4)
        {
            return false;
        }

        int length = (frame[network] & 0xF) * 4;
        bool isFragment = (Read16(frame, network + 6) & FragmentBits) != 0;
        return length >= MinIPv4HeaderSize && !isFragment
            && TryParseTransport(frame, network, network + length, false, frame[network + 9], out layout);
    }

    private static bool TryParseIPv6(ReadOnlySpan<byte> frame, int network, out HeaderLayout layout)
    {
        layout = default;
        if (network + IPv6HeaderSize > frame.Length || frame[network] >> 4 != 6)
        {
            return false;
        }

        byte next = frame[network + 6];
        int at = network + IPv6HeaderSize;
        while (next is HopByHopOptions or Routing or DestinationOptions)
        {
            // Segments left: the pseudo-header would need an address from inside the header.
            if (at + 8 > frame.Length || (next == Routing && frame[at + 3] != 0))
            {
                return false;
            }

            next = frame[at];
            at += (frame[at + 1] + 1) * 8;
        }

        return TryParseTransport(frame, network, at, true, next, out layout);
    }

    private static bool TryParseTransport(
        ReadOnlySpan<byte> frame, int network, int transport, bool isIPv6, byte protocol, out HeaderLayout layout)
    {
        int length = 0;
        if (protocol == Udp)
        {
            length = UdpHeaderSize;
        }
        else if (protocol == Tcp && transport + MinTcpHeaderSize <= frame.Length)
        {
            length = (frame[transport + 12] >> 4) * 4;
        }

        layout = new HeaderLayout(network, transport, transport + length, isIPv6, protocol);
        return length >= (protocol == Udp ? UdpHeaderSize : MinTcpHeaderSize) && layout.Payload <= frame.Length;
    }

    private static ushort Read16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
