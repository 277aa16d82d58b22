using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>Writes segments from their start on, piece by piece. What does not fit any more is dropped: callers look at lengths first.</summary>
public unsafe ref struct GuestWriter
{
    private readonly ReadOnlySpan<Segment> _segments;
    private nint _at;
    private int _left;
    private int _next;

    /// <summary>At the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GuestWriter(ReadOnlySpan<Segment> destination)
    {
        _segments = destination;
        if (!destination.IsEmpty)
        {
            _at = destination[0].Address;
            _left = destination[0].Length;
            _next = 1;
        }
    }

    /// <summary>Writes the next bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> source)
    {
        if (source.Length > _left)
        {
            WriteAcross(source);
            return;
        }

        source.CopyTo(new Span<byte>((void*)_at, source.Length));
        _at += source.Length;
        _left -= source.Length;
    }

    /// <summary>Writes a value, in machine order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(T value)
        where T : unmanaged
    {
        if (sizeof(T) > _left)
        {
            WriteAcross(new ReadOnlySpan<byte>(&value, sizeof(T)));
            return;
        }

        Unsafe.WriteUnaligned((void*)_at, value);
        _at += sizeof(T);
        _left -= sizeof(T);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteAcross(ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (_left == 0)
            {
                if (_next == _segments.Length)
                {
                    return;
                }

                Segment segment = _segments[_next++];
                _at = segment.Address;
                _left = segment.Length;
            }

            int part = Math.Min(source.Length, _left);
            source[..part].CopyTo(new Span<byte>((void*)_at, part));
            source = source[part..];
            _at += part;
            _left -= part;
        }
    }
}
