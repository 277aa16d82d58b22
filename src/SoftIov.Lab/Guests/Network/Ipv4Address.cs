using System.Globalization;
using System.Net;

namespace SoftIov.Lab.Guests;

/// <summary>An IPv4 address, the first octet in the highest bits. Networks of the demo are /24.</summary>
internal readonly record struct Ipv4Address(uint Value)
{
    /// <summary>Prefix length of all networks here.</summary>
    public const int PrefixLength = 24;

    /// <summary>Reads four numbers with dots; anything else is a <see cref="FormatException"/>.</summary>
    public static Ipv4Address Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        return IPAddress.Parse(text).TryWriteBytes(bytes, out int length) && length == sizeof(uint)
            ? new Ipv4Address(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : throw new FormatException($"{text} is no IPv4 address.");
    }

    /// <summary>Whether both are in one network.</summary>
    public bool IsNeighbourOf(Ipv4Address other) => (Value ^ other.Value) >> (32 - PrefixLength) == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value >> 24}.{(byte)(Value >> 16)}.{(byte)(Value >> 8)}.{(byte)Value}");
}
