using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Copies of frames on their way between shared pollers and the thread of one function: a bounded queue, many writers, one reader. What
/// finds no room is the writer's to drop.
/// </summary>
internal sealed class FrameStore
{
    private const int Entries = 256;
    private const int Bytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly ScratchMemory _memory = new(Bytes);
    private readonly Entry[] _entries = new Entry[Entries];
    private readonly Segment[] _segment = new Segment[1];
    private int _first;
    private int _count;

    /// <summary>Where the next frame's bytes go; bytes from here up to those of the first entry are free.</summary>
    private int _end;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _count == 0;
        }
    }

    /// <summary>Whether a burst as large as a ring in bounce memory gives it is sure to fit.</summary>
    public bool HasRoomForBurst
    {
        get
        {
            lock (_gate)
                return _count <= Entries / 2 && FreeBytes() >= Bytes / 2;
        }
    }

    /// <summary>Copies frames in, in their order; returns those that found room.</summary>
    public FrameSet Put(FrameBatch batch, FrameSet frames)
    {
        FrameSet taken = FrameSet.None;
        lock (_gate)
        {
            foreach (int i in frames)
            {
                if (!TryPlace(batch[i].Length, out int start))
                    continue;

                batch.CopyTo(i, 0, _memory.Span.Slice(start, batch[i].Length));
                _entries[(_first + _count++) % Entries] = new Entry(start, batch[i].Length, batch[i].Offload);
                taken = taken.With(i);
            }
        }

        return taken;
    }

    /// <summary>
    /// Adds up to <paramref name="limit"/> of the oldest frames to an empty batch; they stay until <see cref="Remove"/>. Returns how many.
    /// </summary>
    public int Take(FrameBatch batch, int limit)
    {
        int count;
        lock (_gate)
            count = Math.Min(_count, limit);
        for (int i = 0; i < count; i++)
        {
            (int start, int length, FrameOffload offload) = _entries[(_first + i) % Entries];
            _segment[0] = _memory.Segment(start, length);
            batch.TryAdd(_segment, 0, length, in offload);
        }

        return count;
    }

    /// <summary>Forgets all frames; nobody writes or reads.</summary>
    public void Clear() => Remove(_count);

    /// <summary>Forgets the oldest frames.</summary>
    public void Remove(int count)
    {
        lock (_gate)
        {
            _first = (_first + count) % Entries;
            _count -= count;
            _end = _count == 0 ? 0 : _end;
        }
    }

    private int FreeBytes()
    {
        if (_count == 0)
            return Bytes;

        int start = _entries[_first].Start;
        return _end > start ? Bytes - _end + start : start - _end;
    }

    /// <summary>Room in one piece, behind the last frame or, when that is near the end of the memory, at its start.</summary>
    private bool TryPlace(int length, out int start)
    {
        int oldest = _count == 0 ? 0 : _entries[_first].Start;
        bool isAhead = _count == 0 || _end > oldest;
        int limit = isAhead ? Bytes : oldest;
        start = _end;
        if (isAhead && limit - start < length)
        {
            start = 0;
            limit = oldest;
        }

        if (_count == Entries || limit - start < length)
            return false;

        _end = start + length;
        return true;
    }

    private readonly record struct Entry(int Start, int Length, FrameOffload Offload);
}
