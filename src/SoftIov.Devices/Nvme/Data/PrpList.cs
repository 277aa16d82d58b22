using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The data buffer of one command, as its PRP entries say (NVMe 2.0, 4.1.1): copied out and judged once, so that a host that changes its
/// list meanwhile changes nothing. Filled anew for each command.
/// </summary>
internal sealed class PrpList(DmaTranslator dma)
{
    /// <summary>Pages of the largest transfer, and one more for an offset in the first.</summary>
    public const int Capacity = (TransferLimits.Bytes / ControllerCapabilities.PageSize) + 1;

    private const int PageSize = ControllerCapabilities.PageSize;
    private const int EntriesAtOnce = 64;

    private readonly ulong[] _pages = new ulong[Capacity];

    /// <summary>Pieces: the first may start inside a page, the last may end inside one.</summary>
    public int Count { get; private set; }

    /// <summary>Addresses of the pieces.</summary>
    public ReadOnlySpan<ulong> Pages => _pages.AsSpan(0, Count);

    /// <summary>Bytes of the first piece.</summary>
    public int FirstLength { get; private set; }

    /// <summary>Reads the entries of a command that moves <paramref name="length"/> bytes, 1 to the transfer limit.</summary>
    public NvmeStatus Read(in SubmissionEntry command, int length)
    {
        int offset = (int)command.Prp1 & (PageSize - 1);
        if ((offset & 3) != 0)
            return NvmeStatus.InvalidPrpOffset;
        _pages[0] = command.Prp1;
        Count = 1;
        FirstLength = Math.Min(length, PageSize - offset);
        int left = length - FirstLength;
        if (left == 0)
            return NvmeStatus.Success;
        return left <= PageSize ? AddPage(command.Prp2) : AddList(command.Prp2, (left + PageSize - 1) / PageSize);
    }

    private NvmeStatus AddPage(ulong page)
    {
        if ((page & (PageSize - 1)) != 0)
            return NvmeStatus.InvalidPrpOffset;
        _pages[Count++] = page;
        return NvmeStatus.Success;
    }

    /// <summary>The last entry of a page points to the next page of the list, if more entries are left than that one.</summary>
    private NvmeStatus AddList(ulong list, int left)
    {
        Span<byte> entries = stackalloc byte[EntriesAtOnce * sizeof(ulong)];
        if ((list & (sizeof(ulong) - 1)) != 0)
            return NvmeStatus.InvalidPrpOffset;
        while (true)
        {
            int inPage = (PageSize - (int)(list & (PageSize - 1))) / sizeof(ulong);
            int count = Math.Min(Math.Min(left, inPage), EntriesAtOnce);
            if (!TryReadEntries(list, entries[..(count * sizeof(ulong))]))
                return NvmeStatus.DataTransferError;
            bool isChained = count == inPage && left > inPage;
            for (int i = 0; i < count - (isChained ? 1 : 0); i++)
            {
                NvmeStatus status = AddPage(Entry(entries, i));
                if (status != NvmeStatus.Success)
                    return status;
                left--;
            }

            if (left == 0)
                return NvmeStatus.Success;
            list = isChained ? Entry(entries, count - 1) : list + (ulong)(count * sizeof(ulong));
            if (isChained && (list & (PageSize - 1)) != 0)
                return NvmeStatus.InvalidPrpOffset;
        }
    }

    /// <summary>Entries that lie in one page, and so in one mapping of whole pages.</summary>
    private bool TryReadEntries(ulong list, Span<byte> entries)
    {
        Span<Segment> segment = [default];
        if (dma.Translate(list, entries.Length, DmaAccess.Read, segment) != 1)
            return false;
        segment[0].Read(0, entries);
        return true;
    }

    private static ulong Entry(ReadOnlySpan<byte> entries, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(entries[(index * sizeof(ulong))..]);
}
