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

    private static ushort SumBytes(byte* bytes, int length)
    {
        ulong sum = 0;
        if (Vector256.IsHardwareAccelerated && length >= 64)
        {
            // 16-bit words are widened to 32-bit lanes: 2^16 additions fit before a lane could overflow, 64 KiB needs 2^12.
            Vector256<uint> low = default, high = default;
            for (; length >= Vector256<byte>.Count; length -= Vector256<byte>.Count, bytes += Vector256<byte>.Count)
            {
                (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(Vector256.Load((ushort*)bytes));
                low += a;
                high += b;
            }

            (Vector256<ulong> c, Vector256<ulong> d) = Vector256.Widen(low);
            (Vector256<ulong> e, Vector256<ulong> f) = Vector256.Widen(high);
            sum = Vector256.Sum(c + d + e + f);
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

        sum += length > 0 ? *bytes : 0u;
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        ushort folded = Fold((uint)(sum & uint.MaxValue));
        // Summed in machine order; a byte swap of the sum is the sum of byte-swapped words (RFC 1071, 2.B).
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    private static ushort Fold(uint sum)
    {
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)((sum & ushort.MaxValue) + (sum >> 16));
    }
}
