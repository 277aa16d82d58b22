using System.Globalization;

namespace SoftIov.Datapath;

/// <summary>48-bit Ethernet address; the first byte on the wire is in bits 47:40.</summary>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Length on the wire in bytes.</summary>
    public const int Size = 6;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>True for group addresses, broadcast among them.</summary>
    public bool IsMulticast => (Value & 0x0100_0000_0000) != 0;

    /// <summary>True for ff:ff:ff:ff:ff:ff.</summary>
    public bool IsBroadcast => Value == 0xFFFF_FFFF_FFFF;

    /// <summary>True for 00:00:00:00:00:00, which no port may own.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Reads six bytes in wire order.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes) =>
        new((ulong)bytes[0] << 40 | (ulong)bytes[1] << 32 | (ulong)bytes[2] << 24 | (ulong)bytes[3] << 16 | (ulong)bytes[4] << 8 | bytes[5]);

    /// <summary>Parses six hex pairs separated by colons.</summary>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        string[] parts = (text ?? "").Split(':');
        if (parts.Length != Size)
        {
            return false;
        }

        ulong value = 0;
        foreach (string part in parts)
        {
            if (part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                return false;
            }

            value = value << 8 | octet;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Writes six bytes in wire order.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (int i = 0; i < Size; i++)
        {
            destination[i] = (byte)(Value >> (40 - (8 * i)));
        }
    }

    /// <summary>Six lower-case hex pairs separated by colons.</summary>
    public override string ToString() =>
        $"{(byte)(Value >> 40):x2}:{(byte)(Value >> 32):x2}:{(byte)(Value >> 24):x2}"
        + $":{(byte)(Value >> 16):x2}:{(byte)(Value >> 8):x2}:{(byte)Value:x2}";
}
