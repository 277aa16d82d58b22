namespace SoftIov.Memory;

/// <summary>
/// A bitmap that tells which pages of guest memory were written, shared with whoever moves the guest elsewhere: bit n % 8 of byte n / 8 stands
/// for page n of 4 KiB. A page is marked after it was written: who takes its mark away before it copies the page gets all, or the mark again.
/// Any thread.
/// </summary>
public sealed unsafe class DirtyLog
{
    /// <summary>Bytes that the bitmap's place and length are multiples of.</summary>
    public const int Alignment = sizeof(ulong);

    private const int PageShift = 12;
    private const int WordShift = 6;
    private const int WordMask = 63;

    private readonly ulong* _words;
    private readonly ulong _pages;

    /// <summary>A bitmap of <paramref name="length"/> bytes at <paramref name="offset"/> in memory that stays mapped while it is used.</summary>
    public DirtyLog(IHostMemory memory, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, memory.Length - length);
        ArgumentOutOfRangeException.ThrowIfNotEqual((offset | length) % Alignment, 0, nameof(length));
        _words = (ulong*)(memory.Address + (nint)offset);
        _pages = (ulong)length * 8;
    }

    /// <summary>These bytes were written. What lies beyond the bitmap is nobody's business.</summary>
    public void Mark(ulong guestAddress, ulong length)
    {
        if (length == 0 || guestAddress + (length - 1) < guestAddress)
            return;
        ulong last = (guestAddress + (length - 1)) >> PageShift;
        for (ulong page = guestAddress >> PageShift; page <= last && page < _pages; page++)
        {
            // A locked operation, and never a look first: the bytes must be visible before the mark is.
            Interlocked.Or(ref _words[page >> WordShift], 1UL << (int)(page & WordMask));
        }
    }
}
