namespace SoftIov.Memory;

/// <summary>
/// A fixed range of a domain that is used again and again, as a queue is: translated once for each state of the map. It must lie in one
/// piece of host memory. One thread at a time.
/// </summary>
public sealed class DmaWindow
{
    private readonly DmaDomain _domain;
    private readonly ulong _iova;
    private readonly int _length;
    private readonly DmaAccess _access;
    private DmaMap? _map;
    private Segment _memory;

    /// <summary><paramref name="length"/> bytes at <paramref name="iova"/>, mapped or not.</summary>
    public DmaWindow(DmaDomain domain, ulong iova, int length, DmaAccess access)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _domain = domain;
        _iova = iova;
        _length = length;
        _access = access;
    }

    /// <summary>The memory, until the poller's next quiet point; false when it is not mapped so just now. Records no fault.</summary>
    public bool TryOpen(out Segment memory)
    {
        DmaMap map = _domain.CurrentMap;
        if (map != _map)
            Translate(map);
        memory = _memory;
        return memory.Length != 0;
    }

    /// <summary>Records the fault of an access that could not be done.</summary>
    public void RecordFault() => _domain.Refuse(_iova, _access, DmaFaultReason.NotPresent);

    private void Translate(DmaMap map)
    {
        _map = map;
        nint address = DmaDomain.ContiguousAddress(map, _iova, (ulong)_length, _access);
        _memory = address == 0 ? default : new Segment(address, _length);
    }
}
