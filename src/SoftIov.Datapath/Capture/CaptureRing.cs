namespace SoftIov.Datapath;

/// <summary>
/// Where a port's frames are copied while someone watches it (<see cref="SwitchPort.Capture"/>). Bounded: pollers never wait for the
/// reader, frames without a free place are counted and left out. Any number of pollers write, one thread reads. Frames stand as the
/// function sees them: segmentation not yet done, a port VLAN unseen.
/// </summary>
public sealed class CaptureRing
{
    private const long TicksAt1970 = 621_355_968_000_000_000;
    private const int NanosecondsPerTick = 100;

    private readonly TimeProvider _time;
    private readonly long[] _turns;
    private readonly CapturedFrame[] _frames;
    private readonly byte[] _bytes;
    private long _written;
    private long _read;
    private long _dropped;

    /// <summary>
    /// Room for <paramref name="capacity"/> frames (a power of two), <paramref name="snapLength"/> bytes of each. Allocates all at once.
    /// </summary>
    public CaptureRing(TimeProvider time, int capacity = 1024, int snapLength = 2048)
    {
        if (!int.IsPow2(capacity))
        {
            throw new ArgumentException("A power of two.", nameof(capacity));
        }

        _time = time;
        SnapLength = snapLength;
        _frames = new CapturedFrame[capacity];
        _bytes = new byte[(long)capacity * snapLength];
        _turns = new long[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _turns[i] = i;
        }
    }

    /// <summary>Most bytes kept of a frame.</summary>
    public int SnapLength { get; }

    /// <summary>Frames left out because the ring was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>
    /// Takes the oldest frame out and copies it to <paramref name="destination"/> (<see cref="SnapLength"/> bytes); false when empty.
    /// </summary>
    public bool TryRead(Span<byte> destination, out CapturedFrame frame)
    {
        int slot = (int)(_read & (_turns.Length - 1));

        // Pairs with the writer's release: its turn is visible after the bytes.
        if (Volatile.Read(ref _turns[slot]) != _read + 1)
        {
            frame = default;
            return false;
        }

        frame = _frames[slot];
        _bytes.AsSpan(slot * SnapLength, frame.CapturedLength).CopyTo(destination);
        Volatile.Write(ref _turns[slot], _read + _turns.Length);
        _read++;
        return true;
    }

    internal void Record(FrameBatch batch, FrameSet frames, CaptureDirection direction)
    {
        long now = (_time.GetUtcNow().Ticks - TicksAt1970) * NanosecondsPerTick;
        foreach (int i in frames)
        {
            if (!TryClaim(out long turn))
            {
                Interlocked.Increment(ref _dropped);
                continue;
            }

            int slot = (int)(turn & (_turns.Length - 1));
            int captured = Math.Min(batch[i].Length, SnapLength);
            batch.CopyTo(i, 0, _bytes.AsSpan(slot * SnapLength, captured));
            _frames[slot] = new CapturedFrame(now, batch[i].Length, captured, direction);
            Volatile.Write(ref _turns[slot], turn + 1);
        }
    }

    /// <summary>Each slot says whose turn it is: number n may be written when it says n, and read when it says n + 1.</summary>
    private bool TryClaim(out long turn)
    {
        while (true)
        {
            turn = Volatile.Read(ref _written);
            long said = Volatile.Read(ref _turns[turn & (_turns.Length - 1)]);
            if (said < turn)
            {
                return false;
            }

            if (said == turn && Interlocked.CompareExchange(ref _written, turn + 1, turn) == turn)
            {
                return true;
            }
        }
    }
}
