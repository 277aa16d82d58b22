namespace SoftIov.Datapath;

/// <summary>
/// Frames of one burst sorted by destination: a set per station and the list of stations that have one. Scratch of one poller, sized by
/// the switch, so that a broadcast costs the same as so many unicasts and each receiver is called once.
/// </summary>
internal sealed class Dispatch
{
    private FrameSet[] _frames = new FrameSet[8];
    private int[] _touched = new int[8];
    private int _count;

    /// <summary>Stations that get frames, in the order of their first.</summary>
    public ReadOnlySpan<int> Destinations => _touched.AsSpan(0, _count);

    /// <summary>Makes room; a table that grew is the only reason to allocate here.</summary>
    public void Start(int stationCount)
    {
        if (_frames.Length < stationCount)
        {
            _frames = new FrameSet[2 * stationCount];
            _touched = new int[2 * stationCount];
        }
    }

    public void Add(int station, int frame)
    {
        ref FrameSet frames = ref _frames[station];
        if (frames.IsEmpty)
        {
            _touched[_count++] = station;
        }

        frames = frames.With(frame);
    }

    /// <summary>The frames for a station, which are then forgotten.</summary>
    public FrameSet Take(int station)
    {
        FrameSet frames = _frames[station];
        _frames[station] = FrameSet.None;
        return frames;
    }

    /// <summary>After a fault: forgets what was not taken.</summary>
    public void Reset()
    {
        Array.Clear(_frames);
        _count = 0;
    }

    /// <summary>All taken: ready for the next burst.</summary>
    public void Finish() => _count = 0;
}
