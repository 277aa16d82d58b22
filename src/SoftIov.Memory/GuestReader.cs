using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>Reads segments from their start on, piece by piece: each byte once, copied out, so that the copy is what is judged.</summary>
public unsafe ref struct GuestReader
{
    private readonly ReadOnlySpan<Segment> _segments;
    private nint _at;
    private int _left;
    private int _next;

    /// <summary>At the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GuestReader(ReadOnlySpan<Segment> source)
    {
        _segments = source;
        if (!source.IsEmpty)
        {
            _at = source[0].Address;
            _left = source[0].Length;
            _next = 1;
        }
    }

    /// <summary>Copies the next bytes out; false, and the place is lost, when there are not so many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(Span<byte> destination)
    {
        if (destination.Length > _left)
        {
            return TryReadAcross(destination);
        }

        new ReadOnlySpan<byte>((void*)_at, destination.Length).CopyTo(destination);
        _at += destination.Length;
        _left -= destination.Length;
        return true;
    }

    /// <summary>Copies the next bytes out as a value, in machine order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead<T>(out T value)
        where T : unmanaged
    {
        if (sizeof(T) > _left)
        {
            value = default;
            fixed (T* place = &value)
            {
                return TryReadAcross(new Span<byte>(place, sizeof(T)));
            }
        }

        value = Unsafe.ReadUnaligned<T>((void*)_at);
        _at += sizeof(T);
        _left -= sizeof(T);
        return true;
    }

    /// <summary>Passes over bytes; false when there are not so many.</summary>
    public bool TrySkip(int length)
    {
        while (length > _left)
        {
            length -= _left;
            if (!TryOpenNext())
            {
                return false;
            }
        }

        _at += length;
        _left -= length;
        return true;
    }

    /// <summary>
    /// The next <paramref name="length"/> bytes as segments; returns how many, -1 when they do not fit or there are fewer bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Cut(int length, Span<Segment> destination)
    {
        if (length == 0)
        {
            return 0;
        }

        if (length > _left || destination.IsEmpty)
        {
            return CutAcross(length, destination);
        }

        destination[0] = new Segment(_at, length);
        _at += length;
        _left -= length;
        return 1;
    }

    /// <summary>Copies the next bytes into a receiver's segments: the one copy. The caller knows that both have so many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(ref GuestWriter writer, int length)
    {
        if (length > _left)
        {
            CopyAcross(ref writer, length);
            return;
        }

        writer.Write(new ReadOnlySpan<byte>((void*)_at, length));
        _at += length;
        _left -= length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadAcross(Span<byte> destination)
    {
        while (destination.Length > _left)
        {
            new ReadOnlySpan<byte>((void*)_at, _left).CopyTo(destination);
            destination = destination[_left..];
            if (!TryOpenNext())
            {
                return false;
            }
        }

        return TryRead(destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CutAcross(int length, Span<Segment> destination)
    {
        int count = 0;
        while (length > 0)
        {
            if (_left == 0 && !TryOpenNext())
            {
                return -1;
            }

            if (count == destination.Length)
            {
                return -1;
            }

            int part = Math.Min(length, _left);
            destination[count++] = new Segment(_at, part);
            _at += part;
            _left -= part;
            length -= part;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CopyAcross(ref GuestWriter writer, int length)
    {
        while (length > 0 && (_left > 0 || TryOpenNext()))
        {
            int part = Math.Min(length, _left);
            writer.Write(new ReadOnlySpan<byte>((void*)_at, part));
            _at += part;
            _left -= part;
            length -= part;
        }
    }

    private bool TryOpenNext()
    {
        _left = 0;
        if (_next == _segments.Length)
        {
            return false;
        }

        Segment segment = _segments[_next++];
        _at = segment.Address;
        _left = segment.Length;
        return true;
    }
}
