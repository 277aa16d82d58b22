using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The host's side of the transfer under way: its pieces as segments. Valid within one poll; a command that takes longer keeps its
/// addresses and maps them anew.
/// </summary>
internal sealed class DataBuffer(DmaTranslator dma)
{
    private readonly Segment[] _segments = new Segment[2 * PrpList.Capacity];
    private int _count;

    /// <summary>The pieces, in order.</summary>
    public ReadOnlySpan<Segment> Segments => _segments.AsSpan(0, _count);

    /// <summary>Maps <paramref name="length"/> bytes that start in the first page; false when any may not be accessed so.</summary>
    public bool TryMap(ReadOnlySpan<ulong> pages, int firstLength, int length, DmaAccess access)
    {
        _count = 0;
        int part = firstLength;
        foreach (ulong page in pages)
        {
            int made = dma.Translate(page, part, access, _segments.AsSpan(_count));
            if (made == 0)
                return false;
            _count += made;
            length -= part;
            part = Math.Min(length, ControllerCapabilities.PageSize);
        }

        return true;
    }

    /// <summary>As the other, for the command that was just read.</summary>
    public bool TryMap(PrpList list, int length, DmaAccess access) => TryMap(list.Pages, list.FirstLength, length, access);
}
