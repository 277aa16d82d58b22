using System.Collections.Immutable;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Which bytes of the store belong to no namespace, as extents in the order of their offsets, no two of them adjacent. It lends whole granules;
/// all that is free can be lent, however scattered it lies. Not synchronized but for <see cref="Free"/>.
/// </summary>
internal sealed class CapacityMap
{
    /// <summary>Bytes of the largest granule.</summary>
    public const long LargestGranule = 1 << 20;

    private readonly List<Extent> _free = [];
    private long _freeBytes;

    /// <summary>All is free. The granule is 1 MiB, or the largest power of two that divides <paramref name="length"/> when that is less.</summary>
    public CapacityMap(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Total = length;
        _freeBytes = length;
        Granule = Math.Min(LargestGranule, length & -length);
        _free.Add(new Extent(0, length));
    }

    /// <summary>Bytes, free or not (TNVMCAP).</summary>
    public long Total { get; }

    /// <summary>Bytes that are free (UNVMCAP); any thread.</summary>
    public long Free => Volatile.Read(ref _freeBytes);

    /// <summary>Every extent is a multiple of these bytes, long and from the start.</summary>
    public long Granule { get; }

    /// <summary>What is free.</summary>
    public IReadOnlyList<Extent> FreeExtents => _free;

    /// <summary>
    /// Lends at least <paramref name="length"/> bytes: of the first free extent that holds them all, else of the largest ones, so that they
    /// lie in few pieces. False, and nothing lent, when not so many are free.
    /// </summary>
    public bool TryAllocate(long length, out ImmutableArray<Extent> extents)
    {
        extents = [];
        if (length <= 0 || length > Free)
            return false;
        ImmutableArray<Extent>.Builder taken = ImmutableArray.CreateBuilder<Extent>();
        for (long missing = (length + Granule - 1) / Granule * Granule; missing > 0;)
        {
            int index = Choose(missing);
            var extent = new Extent(_free[index].Offset, Math.Min(missing, _free[index].Length));
            Cut(index, extent);
            taken.Add(extent);
            missing -= extent.Length;
        }

        extents = taken.ToImmutable();
        return true;
    }

    /// <summary>Takes exactly this extent out; false when it is not wholly free or not made of whole granules.</summary>
    public bool TryTake(Extent extent)
    {
        if (extent.Offset < 0 || extent.Length <= 0 || ((extent.Offset | extent.Length) & (Granule - 1)) != 0)
            return false;
        int index = FirstBehind(extent.Offset) - 1;
        if (index < 0 || extent.Length > _free[index].End - extent.Offset)
            return false;
        Cut(index, extent);
        return true;
    }

    /// <summary>Takes lent extents back.</summary>
    public void Release(ReadOnlySpan<Extent> extents)
    {
        foreach (Extent extent in extents)
            Release(extent);
    }

    private void Release(Extent extent)
    {
        int index = FirstBehind(extent.Offset);
        bool joinsBefore = index > 0 && _free[index - 1].End == extent.Offset;
        bool joinsBehind = index < _free.Count && _free[index].Offset == extent.End;
        Volatile.Write(ref _freeBytes, _freeBytes + extent.Length);
        if (joinsBehind)
        {
            extent = extent with { Length = extent.Length + _free[index].Length };
            _free.RemoveAt(index);
        }

        if (joinsBefore)
            _free[index - 1] = _free[index - 1] with { Length = _free[index - 1].Length + extent.Length };
        else
            _free.Insert(index, extent);
    }

    /// <summary>Removes a part of a free extent.</summary>
    private void Cut(int index, Extent part)
    {
        Extent whole = _free[index];
        Volatile.Write(ref _freeBytes, _freeBytes - part.Length);
        _free.RemoveAt(index);
        if (part.End < whole.End)
            _free.Insert(index, new Extent(part.End, whole.End - part.End));
        if (whole.Offset < part.Offset)
            _free.Insert(index, new Extent(whole.Offset, part.Offset - whole.Offset));
    }

    /// <summary>The first extent that holds so many bytes, or else the largest.</summary>
    private int Choose(long length)
    {
        int largest = 0;
        for (int i = 0; i < _free.Count; i++)
        {
            if (_free[i].Length >= length)
                return i;
            if (_free[i].Length > _free[largest].Length)
                largest = i;
        }

        return largest;
    }

    /// <summary>Index of the first free extent that starts behind an offset.</summary>
    private int FirstBehind(long offset)
    {
        int low = 0;
        for (int high = _free.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (_free[middle].Offset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
