using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>An Ethernet header without tags (IEEE 802.3, 3.1.1).</summary>
/// <param name="Destination">Who is to have it.</param>
/// <param name="Source">Who sends it.</param>
/// <param name="Type">What follows.</param>
internal readonly record struct EthernetHeader(EthernetAddress Destination, EthernetAddress Source, ushort Type)
{
    /// <summary>Bytes.</summary>
    public const int Length = 14;

    /// <summary>IPv4 follows.</summary>
    public const ushort Ipv4 = 0x0800;

    /// <summary>ARP follows.</summary>
    public const ushort Arp = 0x0806;

    /// <summary>False when the frame is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out EthernetHeader header)
    {
        header = default;
        if (frame.Length < Length)
            return false;

        header = new EthernetHeader(
            EthernetAddress.Read(frame), EthernetAddress.Read(frame[6..]), BinaryPrimitives.ReadUInt16BigEndian(frame[12..]));
        return true;
    }

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> frame)
    {
        Destination.Write(frame);
        Source.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], Type);
    }
}
