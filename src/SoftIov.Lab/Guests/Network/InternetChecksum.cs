using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>The checksum of IPv4, ICMP and TCP (RFC 1071).</summary>
internal static class InternetChecksum
{
    /// <summary>
    /// One's complement sum of big-endian words, added to <paramref name="sum"/>, not folded; an odd byte counts as a high one.
    /// </summary>
    public static ulong Add(ulong sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
            sum += BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (bytes.Length >= sizeof(ushort))
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        return bytes.IsEmpty ? sum : sum + ((ulong)bytes[0] << 8);
    }

    /// <summary>The sum of a pseudo header (RFC 9293, 3.1).</summary>
    public static ulong PseudoHeader(in Ipv4Header header) =>
        (ulong)header.Source.Value + header.Destination.Value + header.Protocol + (uint)header.PayloadLength;

    /// <summary>The sum in 16 bits.</summary>
    public static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>The checksum of bytes whose checksum field is 0; 0 when they have their right checksum in them.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes) => (ushort)~Fold(Add(0, bytes));
}
