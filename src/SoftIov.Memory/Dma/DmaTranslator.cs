namespace SoftIov.Memory;

/// <summary>
/// One user's way from payload addresses to segments. Remembers the region of the last one, since the next is mostly there too. One thread
/// at a time; segments are good until the poller's next quiet point.
/// </summary>
public sealed class DmaTranslator(DmaDomain domain)
{
    private BufferTranslator _buffers = new(domain);

    /// <summary>Takes the map up as it stands, once per burst; false while bus mastering is off: then nothing may be accessed.</summary>
    public bool TryBegin()
    {
        if (!domain.BusMasterEnable)
            return false;
        DmaMap map = domain.CurrentMap;
        if (map != _buffers.Map)
            _buffers.Use(map);
        return true;
    }

    /// <summary>
    /// Writes the segments of a buffer; returns how many. 0 when it may not be accessed so (the fault is recorded), lies in more pieces than
    /// there is room, or is reached by messages only.
    /// </summary>
    public int Translate(ulong iova, int length, DmaAccess access, Span<Segment> segments)
    {
        nint address = _buffers.Glance(iova, (uint)length, access);
        if (address == 0 || segments.IsEmpty)
            return Math.Max(_buffers.TranslateSlowly(iova, (ulong)length, access, segments), 0);
        segments[0] = new Segment(address, length);
        return 1;
    }
}
