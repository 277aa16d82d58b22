namespace SoftIov.Memory;

/// <summary>
/// A fixed range of a domain that is used again and again, as a queue is: translated once for each state of the map. It may lie in several
/// pieces of host memory, as it does behind an IOMMU (docs/decisions/0081-rings-in-pieces.md). One thread at a time.
/// </summary>
public sealed class DmaWindow
{
    private const int PageShift = 12;
    private const int PageBytes = 1 << PageShift;

    /// <summary>No offset has as many bits: all of them are in piece 0.</summary>
    private const int WholeShift = 31;

    private readonly DmaDomain _domain;
    private readonly ulong _iova;
    private readonly int _length;
    private readonly DmaAccess _access;
    private readonly Segment[] _whole = new Segment[1];
    private Segment[]? _pages;
    private Segment[] _pieces = [];
    private int _shift = WholeShift;
    private DmaMap? _map;

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

    /// <summary>
    /// Opens the range until the poller's next quiet point; false when not all of it is mapped just now. Records no fault.
    /// </summary>
    public bool TryOpen()
    {
        DmaMap map = _domain.CurrentMap;
        if (map != _map)
            Translate(map);
        return _pieces.Length != 0;
    }

    /// <summary>As <see cref="TryOpen()"/>, for a range of one page, which is in one piece.</summary>
    public bool TryOpen(out Segment memory)
    {
        memory = TryOpen() ? _pieces[0] : default;
        return memory.Length == _length;
    }

    /// <summary>
    /// The piece of the opened range with the byte at <paramref name="offset"/>, which becomes an offset in the piece. A piece ends where a page
    /// does, or later: what lies in one page is in one piece.
    /// </summary>
    public Segment PieceAt(ref int offset)
    {
        int index = offset >> _shift;
        offset &= (int)((1u << _shift) - 1);
        return _pieces[index];
    }

    /// <summary>Records the fault of an access that could not be done.</summary>
    public void RecordFault() => _domain.Refuse(_iova, _access, DmaFaultReason.NotPresent);

    private void Translate(DmaMap map)
    {
        _map = map;
        if (TryTranslate(map, 0, _length, out _whole[0]))
            (_pieces, _shift) = (_whole, WholeShift);
        else
            (_pieces, _shift) = (TryTranslatePages(map) ? _pages! : [], PageShift);
    }

    /// <summary>Pages of memory: a range that does not begin with one is in one piece or none.</summary>
    private bool TryTranslatePages(DmaMap map)
    {
        if (_length <= PageBytes || _iova % PageBytes != 0)
            return false;
        _pages ??= new Segment[(_length + PageBytes - 1) >> PageShift];
        for (int i = 0; i < _pages.Length; i++)
        {
            int start = i << PageShift;
            if (!TryTranslate(map, start, Math.Min(PageBytes, _length - start), out _pages[i]))
                return false;
        }

        return true;
    }

    private bool TryTranslate(DmaMap map, int start, int length, out Segment memory)
    {
        nint address = DmaDomain.ContiguousAddress(map, _iova + (ulong)start, (ulong)length, _access);
        memory = address == 0 ? default : new Segment(address, length);
        return address != 0;
    }
}
