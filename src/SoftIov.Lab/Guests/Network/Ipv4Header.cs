using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>An IPv4 header without options, of a packet that is not a fragment (RFC 791, 3.1).</summary>
/// <param name="Source">Who sends it.</param>
/// <param name="Destination">Who is to have it.</param>
/// <param name="Protocol">What follows.</param>
/// <param name="PayloadLength">Bytes behind the header.</param>
internal readonly record struct Ipv4Header(Ipv4Address Source, Ipv4Address Destination, byte Protocol, int PayloadLength)
{
    /// <summary>Bytes.</summary>
    public const int Length = 20;

    /// <summary>Most bytes that can follow.</summary>
    public const int LongestPayload = ushort.MaxValue - Length;

    /// <summary>ICMP follows.</summary>
    public const byte Icmp = 1;

    /// <summary>TCP follows.</summary>
    public const byte Tcp = 6;

    private const byte VersionAndLength = 0x45;
    private const ushort DontFragment = 0x4000;
    private const ushort FragmentBits = 0x3FFF;
    private const byte TimeToLive = 64;

    /// <summary>
    /// False for what is no such packet, or has a wrong checksum. Padding behind the packet is not part of the payload.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out Ipv4Header header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (packet.Length < Length || packet[0] != VersionAndLength || InternetChecksum.Of(packet[..Length]) != 0)
            return false;

        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & FragmentBits) != 0;
        if (total < Length || total > packet.Length || isFragment)
            return false;

        payload = packet[Length..total];
        header = new Ipv4Header(ReadAddress(packet[12..]), ReadAddress(packet[16..]), packet[9], payload.Length);
        return true;
    }

    /// <summary>Writes <see cref="Length"/> bytes with their checksum.</summary>
    public void Write(Span<byte> packet)
    {
        Span<byte> header = packet[..Length];
        header.Clear();
        header[0] = VersionAndLength;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(Length + PayloadLength));
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], DontFragment);
        header[8] = TimeToLive;
        header[9] = Protocol;
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], Source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], Destination.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Of(header));
    }

    private static Ipv4Address ReadAddress(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));
}
