using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>An ARP message for IPv4 over Ethernet (RFC 826).</summary>
/// <param name="Operation">1 request, 2 reply.</param>
/// <param name="SenderHardware">MAC address of the sender.</param>
/// <param name="SenderAddress">Its IPv4 address.</param>
/// <param name="TargetHardware">MAC address of the target; of no meaning in requests.</param>
/// <param name="TargetAddress">Its IPv4 address.</param>
internal readonly record struct ArpMessage(
    ushort Operation, EthernetAddress SenderHardware, Ipv4Address SenderAddress, EthernetAddress TargetHardware, Ipv4Address TargetAddress)
{
    /// <summary>Bytes.</summary>
    public const int Length = 28;

    /// <summary>Who has this address?</summary>
    public const ushort Request = 1;

    /// <summary>I do.</summary>
    public const ushort Reply = 2;

    // Ethernet, IPv4, addresses of 6 and 4 bytes.
    private const ulong Kind = 0x0001_0800_0604;

    /// <summary>False for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ArpMessage message)
    {
        message = default;
        if (bytes.Length < Length || EthernetAddress.Read(bytes).Value != Kind)
            return false;

        message = new ArpMessage(
            BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            EthernetAddress.Read(bytes[8..]),
            new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(bytes[14..])),
            EthernetAddress.Read(bytes[18..]),
            new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(bytes[24..])));
        return true;
    }

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        new EthernetAddress(Kind).Write(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], Operation);
        SenderHardware.Write(bytes[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[14..], SenderAddress.Value);
        TargetHardware.Write(bytes[18..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[24..], TargetAddress.Value);
    }
}
