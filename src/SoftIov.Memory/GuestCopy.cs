using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SoftIov.Memory;

/// <summary>Copies and sums over segments. Positions are byte offsets into the concatenation of the segments; callers stay inside it.</summary>
public static unsafe class GuestCopy
{
    /// <summary>Copies bytes from..from+destination.Length of the segments out.</summary>
    public static void Gather(ReadOnlySpan<Segment> source, int from, Span<byte> destination)
    {
        for (int i = 0; i < source.Length && !destination.IsEmpty; i++)
        {
            Segment segment = source[i];
            if (from >= segment.Length)
            {
                from -= segment.Length;
                continue;
            }

            int part = Math.Min(segment.Length - from, destination.Length);
            new ReadOnlySpan<byte>((byte*)segment.Address + from, part).CopyTo(destination);
            destination = destination[part..];
            from = 0;
        }
    }

    /// <summary>Copies <paramref name="source"/> into the segments from offset <paramref name="to"/> on.</summary>
    public static void Scatter(ReadOnlySpan<byte> source, ReadOnlySpan<Segment> destination, int to)
    {
        for (int i = 0; i < destination.Length && !source.IsEmpty; i++)
        {
            Segment segment = destination[i];
            if (to >= segment.Length)
            {
                to -= segment.Length;
                continue;
            }

            int part = Math.Min(segment.Length - to, source.Length);
            source[..part].CopyTo(new Span<byte>((byte*)segment.Address + to, part));
            source = source[part..];
            to = 0;
        }
    }

    /// <summary>Copies <paramref name="length"/> bytes from segments to segments.</summary>
    public static void Copy(ReadOnlySpan<Segment> source, int from, ReadOnlySpan<Segment> destination, int to, int length)
    {
        for (int i = 0; i < source.Length && length > 0; i++)
        {
            Segment segment = source[i];
            if (from >= segment.Length)
            {
                from -= segment.Length;
                continue;
            }

            int part = Math.Min(segment.Length - from, length);
            Scatter(new ReadOnlySpan<byte>((byte*)segment.Address + from, part), destination, to);
            to += part;
            length -= part;
            from = 0;
        }
    }

    /// <summary>
    /// Ones' complement sum (RFC 1071) of <paramref name="length"/> bytes, added to <paramref name="seed"/>, not folded to the end nor
    /// complemented: a 16-bit value in network order of the first byte, ready to be added to other sums over even-length parts.
    /// </summary>
    public static ushort Sum(ReadOnlySpan<Segment> source, int from, int length, ushort seed)
    {
        uint sum = seed;
        bool odd = false;
        for (int i = 0; i < source.Length && length > 0; i++)
        {
            Segment segment = source[i];
            if (from >= segment.Length)
            {
                from -= segment.Length;
                continue;
            }

            int part = Math.Min(segment.Length - from, length);
            ushort partial = SumBytes((byte*)segment.Address + from, part);
            // A part that starts at an odd offset has its bytes in the other halves of the words (RFC 1071, 2.B).
            sum += odd ? (ushort)((partial << 8) | (partial >> 8)) : partial;
            odd ^= (part & 1) != 0;
            length -= part;
            from = 0;
        }

        return Fold(sum);
    }

    /// <summary>Sum of bytes that lie in one piece, in network order.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes, ushort seed)
    {
        fixed (byte* first = bytes)
        {
            return Fold((uint)seed + SumBytes(first, bytes.Length));
        }
    }

    /// <summary>
    /// The sum does not ask how words are grouped (RFC 1071, 2.C): 32-bit words go into 64-bit lanes, which no length here can overflow.
    /// </summary>
    private static ushort SumBytes(byte* bytes, int length)
    {
        ulong sum = 0;
        if (Vector512.IsHardwareAccelerated && length >= Vector512<byte>.Count)
        {
            sum = SumVectors512(bytes, length);
            bytes += length & -Vector512<byte>.Count;
            length &= Vector512<byte>.Count - 1;
        }

        if (Vector256.IsHardwareAccelerated && length >= Vector256<byte>.Count)
        {
            sum += SumVectors256(bytes, length);
            bytes += length & -Vector256<byte>.Count;
            length &= Vector256<byte>.Count - 1;
        }

        for (; length >= sizeof(uint); length -= sizeof(uint), bytes += sizeof(uint))
        {
            sum += Unsafe.ReadUnaligned<uint>(bytes);
        }

        if (length >= sizeof(ushort))
        {
            sum += Unsafe.ReadUnaligned<ushort>(bytes);
            bytes += sizeof(ushort);
            length -= sizeof(ushort);
        }

        if (length != 0)
        {
            // As if a zero stood behind it.
            sum += BitConverter.IsLittleEndian ? *bytes : (uint)*bytes << 8;
        }

        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        ushort folded = Fold((uint)sum);
        // Summed in machine order; a byte swap of the sum is the sum of byte-swapped words (RFC 1071, 2.B).
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    private static ulong SumVectors512(byte* bytes, int length)
    {
        Vector512<ulong> low = default, high = default;
        var mask = Vector512.Create((ulong)uint.MaxValue);
        for (byte* end = bytes + (length & -Vector512<byte>.Count); bytes < end; bytes += Vector512<byte>.Count)
        {
            Vector512<ulong> words = Vector512.Load((ulong*)bytes);
            low += words & mask;
            high += words >>> 32;
        }

        return Vector512.Sum(low + high);
    }

    private static ulong SumVectors256(byte* bytes, int length)
    {
        Vector256<ulong> low = default, high = default;
        var mask = Vector256.Create((ulong)uint.MaxValue);
        for (byte* end = bytes + (length & -Vector256<byte>.Count); bytes < end; bytes += Vector256<byte>.Count)
        {
            Vector256<ulong> words = Vector256.Load((ulong*)bytes);
            low += words & mask;
            high += words >>> 32;
        }

        return Vector256.Sum(low + high);
    }

    private static ushort Fold(uint sum)
    {
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)((sum & ushort.MaxValue) + (sum >> 16));
    }
}
