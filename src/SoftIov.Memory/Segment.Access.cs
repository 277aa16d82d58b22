using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SoftIov.Memory;

/// <content>Access to the bytes, by copy only. Offsets are checked: one outside is a mistake of the caller, and throws.</content>
public readonly unsafe partial struct Segment
{
    /// <summary>Copies a value out, in machine order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>(int at)
        where T : unmanaged
    {
        Check(at, sizeof(T));
        return Unsafe.ReadUnaligned<T>((byte*)Address + at);
    }

    /// <summary>Copies bytes out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(int at, Span<byte> destination)
    {
        Check(at, destination.Length);
        fixed (byte* first = destination)
        {
            Copy((byte*)Address + at, first, destination.Length);
        }
    }

    /// <summary>Writes a value, in machine order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(int at, T value)
        where T : unmanaged
    {
        Check(at, sizeof(T));
        Unsafe.WriteUnaligned((byte*)Address + at, value);
    }

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int at, ReadOnlySpan<byte> source)
    {
        Check(at, source.Length);
        fixed (byte* first = source)
        {
            Copy(first, (byte*)Address + at, source.Length);
        }
    }

    /// <summary>Copies a dword out that the other side publishes: what is read afterwards was written before it. Aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadAcquire(int at)
    {
        Check(at, sizeof(uint));
        return Volatile.Read(ref *(uint*)((byte*)Address + at));
    }

    /// <summary>Publishes a dword: what was written before can be seen when it can. Aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRelease(int at, uint value)
    {
        Check(at, sizeof(uint));
        Volatile.Write(ref *(uint*)((byte*)Address + at), value);
    }

    /// <summary>Asks for the first bytes of it, at most so many, to be brought into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int most)
    {
        const int Line = 64;
        if (!Sse.IsSupported)
        {
            return;
        }

        byte* end = (byte*)Address + Math.Min(most, Length);
        for (byte* at = (byte*)Address; at < end; at += Line)
        {
            Sse.Prefetch0(at);
        }
    }

    /// <summary>Zeroes all bytes.</summary>
    public void Clear() => new Span<byte>((byte*)Address, Length).Clear();

    /// <summary>Whether the bytes from <paramref name="at"/> on are those of <paramref name="other"/>, just now.</summary>
    public bool Equals(int at, Segment other)
    {
        Check(at, other.Length);
        return new ReadOnlySpan<byte>((byte*)Address + at, other.Length).SequenceEqual(new ReadOnlySpan<byte>((byte*)other.Address, other.Length));
    }

    /// <summary>Writes all bytes of another segment: from guest to guest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int at, Segment source)
    {
        Check(at, source.Length);
        Copy((byte*)source.Address, (byte*)Address + at, source.Length);
    }

    /// <summary>
    /// Heads of frames are 14 to 96 bytes long, mostly the same length for a while: a few vectors that overlap where the length is not a
    /// multiple, without a call. Longer ones are the runtime's business.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* from, byte* to, int length)
    {
        const int Vector = 32;
        if (!Vector256.IsHardwareAccelerated || length < Vector || length > 3 * Vector)
        {
            new ReadOnlySpan<byte>(from, length).CopyTo(new Span<byte>(to, length));
            return;
        }

        Vector256<byte> first = Vector256.Load(from);
        Vector256<byte> second = Vector256.Load(from + Math.Min(Vector, length - Vector));
        Vector256<byte> last = Vector256.Load(from + length - Vector);
        first.Store(to);
        second.Store(to + Math.Min(Vector, length - Vector));
        last.Store(to + length - Vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(int at, int length)
    {
        if ((uint)at > (uint)Length || length > Length - at)
        {
            Refuse();
        }
    }

    private static void Refuse() => throw new ArgumentOutOfRangeException(null, "Outside the segment.");
}
