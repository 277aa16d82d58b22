namespace SoftIov.Memory;

/// <summary>
/// An immutable map: regions sorted by address that do not overlap. Replaced whole, read without locks. Regions are kept in leaves, and a
/// new map shares all of them but the one or two that changed: a client that maps its 65535 pieces one by one copies kilobytes for each.
/// A position names a region of one map: leaf and place in it.
/// </summary>
internal sealed class DmaMap
{
    /// <summary>Most regions of a leaf.</summary>
    internal const int LeafCapacity = 256;

    private const int PlaceBits = 9;
    private const int PlaceMask = (1 << PlaceBits) - 1;

    private readonly DmaRegion[][] _leaves;
    private readonly int _messageRegions;

    private DmaMap(DmaRegion[][] leaves, int count, int messageRegions, int generation)
    {
        _leaves = leaves;
        _messageRegions = messageRegions;
        Count = count;
        Generation = generation;
    }

    /// <summary>Nothing mapped.</summary>
    public static DmaMap Empty { get; } = new([], 0, 0, 0);

    /// <summary>Number of regions.</summary>
    public int Count { get; }

    /// <summary>Counts changes.</summary>
    public int Generation { get; }

    /// <summary>True when some region is reached by messages only.</summary>
    public bool HasMessageRegions => _messageRegions > 0;

    /// <summary>Number of leaves, none of them empty.</summary>
    internal int LeafCount => _leaves.Length;

    /// <summary>The region at a position.</summary>
    public ref readonly DmaRegion this[int position] => ref _leaves[position >> PlaceBits][position & PlaceMask];

    /// <summary>Position of the region that holds the address; negative when none does.</summary>
    public int Find(ulong iova)
    {
        int position = FindAtOrAbove(iova);
        return position >= 0 && this[position].First <= iova ? position : -1;
    }

    /// <summary>
    /// A region with the byte at a host address; false when there is none. Looks at one region after the other: for what is rare, and whoever
    /// asks remembers the answer.
    /// </summary>
    public bool TryFindHost(nint host, out DmaRegion found)
    {
        foreach (DmaRegion[] leaf in _leaves)
        {
            foreach (ref readonly DmaRegion region in leaf.AsSpan())
            {
                found = region;
                if (!region.IsMessageOnly && (ulong)(host - region.HostAddress) <= region.Last - region.First)
                    return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Position of the region that holds the address, or else of the next one above it; negative when there is none.</summary>
    public int FindAtOrAbove(ulong iova)
    {
        int leaf = LeafFor(iova);
        return leaf < 0 ? -1 : Normalise(leaf, PlaceIn(_leaves[leaf], iova));
    }

    /// <summary>Position of the region after that at <paramref name="position"/>; negative when that is the last.</summary>
    public int Next(int position) => Normalise(position >> PlaceBits, (position & PlaceMask) + 1);

    /// <summary>An empty map that comes after this one.</summary>
    public DmaMap Emptied() => new([], 0, 0, Generation + 1);

    /// <summary>The map with one region more, which overlaps none.</summary>
    public DmaMap Insert(in DmaRegion region)
    {
        int messages = _messageRegions + (region.IsMessageOnly ? 1 : 0);
        if (Count == 0)
            return new DmaMap([[region]], 1, messages, Generation + 1);
        int number = LeafFor(region.First);
        DmaRegion[] leaf = _leaves[number];
        int place = PlaceIn(leaf, region.First);
        DmaRegion[] grown = [.. leaf.AsSpan(0, place), region, .. leaf.AsSpan(place)];
        DmaRegion[][] successors = grown.Length <= LeafCapacity ? [grown] : [grown[..(grown.Length / 2)], grown[(grown.Length / 2)..]];
        return new DmaMap(Replace(number, number, successors), Count + 1, messages, Generation + 1);
    }

    /// <summary>The same map as another generation: who remembers translations makes them anew.</summary>
    public DmaMap Renew() => new(_leaves, Count, _messageRegions, Generation + 1);

    /// <summary>The map without <paramref name="count"/> regions, 1 or more, from <paramref name="position"/> on.</summary>
    public DmaMap Remove(int position, int count)
    {
        int first = position >> PlaceBits;
        int place = position & PlaceMask;
        DmaRegion[] before = _leaves[first][..place];
        int messages = _messageRegions;
        int last = first;
        for (int left = count; ; last++, place = 0)
        {
            int here = Math.Min(left, _leaves[last].Length - place);
            foreach (ref readonly DmaRegion region in _leaves[last].AsSpan(place, here))
                messages -= region.IsMessageOnly ? 1 : 0;
            left -= here;
            place += here;
            if (left == 0)
                break;
        }

        return new DmaMap(Join(first, last, [.. before, .. _leaves[last].AsSpan(place)]), Count - count, messages, Generation + 1);
    }

    /// <summary>
    /// The leaves with <paramref name="rest"/> in place of first..last. It joins a small neighbour, or a patient client would leave one
    /// region in each of very many leaves.
    /// </summary>
    private DmaRegion[][] Join(int first, int last, DmaRegion[] rest)
    {
        const int Small = LeafCapacity / 2;
        if (first > 0 && _leaves[first - 1].Length + rest.Length <= Small)
            return Replace(first - 1, last, [[.. _leaves[first - 1], .. rest]]);
        if (last + 1 < _leaves.Length && _leaves[last + 1].Length + rest.Length <= Small)
            return Replace(first, last + 1, [[.. rest, .. _leaves[last + 1]]]);
        return Replace(first, last, rest.Length == 0 ? [] : [rest]);
    }

    private DmaRegion[][] Replace(int first, int last, DmaRegion[][] successors) =>
        [.. _leaves.AsSpan(0, first), .. successors, .. _leaves.AsSpan(last + 1)];

    private int Normalise(int leaf, int place)
    {
        if (place < _leaves[leaf].Length)
            return (leaf << PlaceBits) | place;
        return leaf + 1 < _leaves.Length ? (leaf + 1) << PlaceBits : -1;
    }

    /// <summary>The last leaf that does not begin above the address, or the first one; negative when there is none.</summary>
    private int LeafFor(ulong iova)
    {
        int low = 0;
        int high = _leaves.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_leaves[middle][0].First <= iova)
                low = middle;
            else
                high = middle - 1;
        }

        return high < 0 ? -1 : low;
    }

    /// <summary>Place of the region that holds the address, or of the next one above it; the leaf's length when there is none.</summary>
    private static int PlaceIn(DmaRegion[] leaf, ulong iova)
    {
        int low = 0;
        int high = leaf.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (leaf[middle].Last < iova)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
