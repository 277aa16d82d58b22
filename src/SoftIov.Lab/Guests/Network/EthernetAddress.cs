using System.Buffers.Binary;
using System.Globalization;

namespace SoftIov.Lab.Guests;

/// <summary>A MAC address: 48 bits, the first octet on the wire in the highest of them.</summary>
internal readonly record struct EthernetAddress(ulong Value)
{
    public const int Length = 6;

    /// <summary>All ones.</summary>
    public static EthernetAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>Takes the first <see cref="Length"/> bytes.</summary>
    public static EthernetAddress Read(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Reads six hexadecimal numbers with colons; anything else is a <see cref="FormatException"/>.</summary>
    public static EthernetAddress Parse(string text) => Read(System.Net.NetworkInformation.PhysicalAddress.Parse(text).GetAddressBytes());

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return string.Create(
            CultureInfo.InvariantCulture, $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}");
    }
}
