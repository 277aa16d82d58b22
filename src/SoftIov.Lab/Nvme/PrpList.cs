using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Describes data by pages (NVMe base 2.0, 4.1.1), with memory of its own for lists: one command's at a time. What it wrote may be spoilt by
/// <see cref="Word"/>, for trials of a controller's checks.
/// </summary>
public sealed class PrpList
{
    private const int EntryLength = sizeof(ulong);

    private readonly DriverMemory _memory;
    private readonly int _page;
    private readonly int _pageCount;
    private int _written;

    /// <summary>Room for lists of <paramref name="pageCount"/> pages, of <paramref name="page"/> bytes each, next to each other.</summary>
    public PrpList(DriverMemory memory, int pageCount, int page)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
        _page = page;
        _pageCount = pageCount;
        Address = memory.Allocate((long)pageCount * page, page);
    }

    /// <summary>First list page.</summary>
    public ulong Address { get; }

    /// <summary>Where in its first page the list starts, in entries: anywhere is allowed.</summary>
    public int FirstEntry { get; set; }

    /// <summary>Words written by the last call, those that point at the next list page among them.</summary>
    public int WrittenWords => _written - FirstEntry;

    private int EntriesPerPage => _page / EntryLength;

    /// <summary>Describes <paramref name="length"/> bytes in one piece.</summary>
    public DataPointer Describe(ulong address, long length)
    {
        ulong next = (address & ~(ulong)(_page - 1)) + (ulong)_page;
        long left = length - (long)(next - address);
        int pages = left <= 0 ? 0 : (int)((left + _page - 1) / _page);
        _written = FirstEntry;
        if (pages <= 1)
            return new DataPointer(address, pages == 0 ? 0 : next);

        for (int i = 0; i < pages; i++)
            Append(next + ((ulong)i * (uint)_page), isLast: i == pages - 1);
        return new DataPointer(address, Start);
    }

    /// <summary>Describes pages that lie anywhere; the data start <paramref name="offset"/> bytes into the first one.</summary>
    public DataPointer Describe(ReadOnlySpan<ulong> pages, int offset = 0)
    {
        _written = FirstEntry;
        if (pages.Length <= 2)
            return new DataPointer(pages[0] + (uint)offset, pages.Length == 2 ? pages[1] : 0);

        for (int i = 1; i < pages.Length; i++)
            Append(pages[i], isLast: i == pages.Length - 1);
        return new DataPointer(pages[0] + (uint)offset, Start);
    }

    /// <summary>Word <paramref name="index"/> of the list, counted from its start over all of its pages.</summary>
    public ref ulong Word(int index) => ref Slot(FirstEntry + index);

    private ulong Start => Address + ((ulong)FirstEntry * EntryLength);

    // The last entry of a page leads to the next page when there is more to come (NVMe base 2.0, 4.1.1).
    private void Append(ulong entry, bool isLast)
    {
        if (!isLast && (_written + 1) % EntriesPerPage == 0)
        {
            Slot(_written) = Address + ((ulong)(_written + 1) * EntryLength);
            _written++;
        }

        Slot(_written++) = entry;
    }

    private ref ulong Slot(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _pageCount * EntriesPerPage);
        return ref MemoryMarshal.AsRef<ulong>(_memory.Span(Address + ((ulong)index * EntryLength), EntryLength));
    }
}
