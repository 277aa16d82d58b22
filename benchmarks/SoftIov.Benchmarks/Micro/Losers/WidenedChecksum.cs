using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SoftIov.Benchmarks.Micro.Losers;

/// <summary>
/// Words widened to 32 bits and added. Lost: half the speed, since widening crosses lanes, which processors do in one place; masks
/// and shifts go anywhere.
/// </summary>
internal static class WidenedChecksum
{
    public static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        if (bytes.Length >= 64)
        {
            Vector256<uint> low = default, high = default;
            for (; bytes.Length >= Vector256<byte>.Count; bytes = bytes[Vector256<byte>.Count..])
            {
                (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(Vector256.Create(bytes).AsUInt16());
                low += a;
                high += b;
            }

            (Vector256<ulong> c, Vector256<ulong> d) = Vector256.Widen(low);
            (Vector256<ulong> e, Vector256<ulong> f) = Vector256.Widen(high);
            sum = Vector256.Sum(c + d + e + f);
        }

        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
            sum += MemoryMarshal.Read<uint>(bytes);
        if (bytes.Length >= sizeof(ushort))
        {
            sum += MemoryMarshal.Read<ushort>(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        sum += bytes.IsEmpty ? 0u : bytes[0];
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return BinaryPrimitives.ReverseEndianness((ushort)sum);
    }
}
