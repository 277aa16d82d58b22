using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>What changes in the headers of a packet when it is cut into segments.</summary>
internal static class InternetHeader
{
    private const int IPv4AddressesOffset = 12;
    private const int IPv6AddressesOffset = 8;
    private const byte TcpFinAndPush = 0x09;
    private const byte TcpCongestionWindowReduced = 0x80;

    /// <summary>Length, identification and checksum of an IPv4 header (RFC 791); the template's identification plus the number.</summary>
    public static void WriteIPv4(Span<byte> header, int dataLength, int number)
    {
        Span<byte> identification = header[4..];
        Span<byte> checksum = header.Slice(10, sizeof(ushort));
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(header.Length + dataLength));
        BinaryPrimitives.WriteUInt16BigEndian(identification, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(identification) + number));
        checksum.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(checksum, (ushort)~GuestCopy.Sum(header, 0));
    }

    /// <summary>Payload length of an IPv6 header and its extension headers (RFC 8200, 3).</summary>
    public static void WriteIPv6(Span<byte> header, int dataLength) =>
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(header.Length - HeaderLayout.IPv6HeaderSize + dataLength));

    /// <summary>Sequence number and flags: FIN and PSH belong to the last segment, CWR to the first (RFC 3168, 6.1.2).</summary>
    public static void WriteTcp(Span<byte> header, uint sequenceOffset, bool isFirst, bool isLast)
    {
        Span<byte> sequence = header[4..];
        BinaryPrimitives.WriteUInt32BigEndian(sequence, BinaryPrimitives.ReadUInt32BigEndian(sequence) + sequenceOffset);
        byte cleared = (byte)((isFirst ? 0 : TcpCongestionWindowReduced) | (isLast ? 0 : TcpFinAndPush));
        header[13] &= (byte)~cleared;
    }

    /// <summary>Length of a UDP datagram (RFC 768).</summary>
    public static void WriteUdp(Span<byte> header, int length) => BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)length);

    /// <summary>Sum of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1).</summary>
    public static ushort PseudoSum(ReadOnlySpan<byte> network, bool isIPv6, byte protocol, int length)
    {
        ReadOnlySpan<byte> addresses = isIPv6 ? network.Slice(IPv6AddressesOffset, 32) : network.Slice(IPv4AddressesOffset, 8);
        uint sum = (uint)GuestCopy.Sum(addresses, protocol) + (uint)length;
        return (ushort)((sum & ushort.MaxValue) + (sum >> 16));
    }
}
