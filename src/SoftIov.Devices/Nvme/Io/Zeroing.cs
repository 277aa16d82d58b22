using SoftIov.Datapath;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// A command that zeroes blocks of memory, piece by piece: to give gigabytes back takes a kernel long, and the poller has others to serve. What
/// is forgotten half-way stays half done, and nothing of it is done later. Poller only.
/// </summary>
internal sealed class Zeroing
{
    private const int MaxRanges = 256;
    private const long PageBytes = 4096;

    private readonly ByteRange[] _ranges = new ByteRange[MaxRanges];
    private int _count;
    private int _next;
    private long _done;
    private int _turn;
    private bool _isInside;

    /// <summary>It belongs to a command.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>The command.</summary>
    public IoRequest Request { get; private set; }

    /// <summary>When it was taken.</summary>
    public long SinceTicks { get; private set; }

    /// <summary>Everything is zero.</summary>
    public bool IsOver => _next == _count;

    /// <summary>Takes a command; false when its namespace takes none just now.</summary>
    public bool TryStart(in IoRequest request, ReadOnlySpan<ByteRange> ranges, long nowTicks)
    {
        if (!request.Namespace.TryEnter(out _turn))
            return false;
        ranges.CopyTo(_ranges);
        (Request, SinceTicks, IsUsed, _isInside) = (request, nowTicks, true, true);
        (_count, _next, _done) = (ranges.Length, 0, 0);
        return true;
    }

    /// <summary>Zeroes so many bytes, a range costing 4 KiB at least; returns what it came to. At its end it is out of the namespace.</summary>
    public long Advance(IBlockStore store, long atMost)
    {
        long spent = 0;
        while (!IsOver && spent < atMost)
        {
            ByteRange range = _ranges[_next];
            long at = Request.Namespace.Locate(range.Offset + _done, out long contiguous);
            long part = Math.Min(contiguous, range.Length - _done);

            // Cut where pages end: part of a page is written rather than given back.
            if (part > atMost)
                part = atMost - ((at + atMost) % PageBytes);
            store.Deallocate(at, part);
            spent += StoreShare.CostOf(part);
            _done += part;
            if (_done < range.Length)
                continue;
            _next++;
            _done = 0;
        }

        if (IsOver)
            Leave();
        return spent;
    }

    /// <summary>The command has its completion, or needs none.</summary>
    public void End()
    {
        Leave();
        IsUsed = false;
        Request = default;
    }

    private void Leave()
    {
        if (!_isInside)
            return;
        _isInside = false;
        Request.Namespace.Leave(_turn);
    }
}
