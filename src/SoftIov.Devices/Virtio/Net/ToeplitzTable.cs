using System.Buffers.Binary;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Toeplitz hash (virtio 1.4, 5.1.6.4.3.3) by a table of 16 entries per half-byte of input: 4.5 KiB per key, two look-ups per byte.
/// </summary>
internal sealed class ToeplitzTable
{
    private const int NibbleValues = 16;
    private const int Nibbles = 2 * FlowKeyBytes.Length;

    private readonly uint[] _table = new uint[Nibbles * NibbleValues];

    /// <summary>Calculates the table for a key of 40 bytes.</summary>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        for (int nibble = 0; nibble < Nibbles; nibble++)
        {
            Span<uint> row = _table.AsSpan(nibble * NibbleValues, NibbleValues);
            for (int value = 0; value < NibbleValues; value++)
                row[value] = Combine(key, nibble * 4, value);
        }
    }

    /// <summary>The hash of at most 36 bytes; 0 of none.</summary>
    public uint Hash(ReadOnlySpan<byte> input)
    {
        uint hash = 0;
        int at = 0;
        foreach (byte octet in input)
        {
            hash ^= _table[at + (octet >> 4)] ^ _table[at + NibbleValues + (octet & 15)];
            at += 2 * NibbleValues;
        }

        return hash;
    }

    /// <summary>For each bit set in the half-byte, from the highest on, the 32 bits of the key that start at its place.</summary>
    private static uint Combine(ReadOnlySpan<byte> key, int firstBit, int value)
    {
        uint combined = 0;
        for (int i = 0; i < 4; i++)
        {
            if ((value & (8 >> i)) != 0)
                combined ^= Window(key, firstBit + i);
        }

        return combined;
    }

    private static uint Window(ReadOnlySpan<byte> key, int bit)
    {
        ulong five = (ulong)BinaryPrimitives.ReadUInt32BigEndian(key[(bit / 8)..]) << 8;
        five |= bit / 8 + 4 < key.Length ? key[(bit / 8) + 4] : 0u;
        return (uint)(five >> (8 - (bit % 8)));
    }
}
