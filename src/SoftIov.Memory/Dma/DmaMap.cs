namespace SoftIov.Memory;

/// <summary>An immutable map: regions sorted by address that do not overlap. Replaced whole, read without locks.</summary>
internal sealed class DmaMap(DmaRegion[] regions, int generation)
{
    /// <summary>Nothing mapped.</summary>
    public static DmaMap Empty { get; } = new([], 0);

    /// <summary>Sorted by address.</summary>
    public ReadOnlySpan<DmaRegion> Regions => regions;

    /// <summary>Counts changes.</summary>
    public int Generation => generation;

    /// <summary>True when some region is reached by messages only.</summary>
    public bool HasMessageRegions { get; } = Array.Exists(regions, region => region.IsMessageOnly);

    /// <summary>Index of the region that holds the address, or the complement of where it would stand.</summary>
    public int Find(ulong iova)
    {
        int low = 0;
        int high = regions.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ref readonly DmaRegion region = ref regions[middle];
            if (iova < region.First)
            {
                high = middle - 1;
            }
            else if (iova > region.Last)
            {
                low = middle + 1;
            }
            else
            {
                return middle;
            }
        }

        return ~low;
    }

    /// <summary>The map with one region more; <paramref name="index"/> is where it belongs.</summary>
    public DmaMap Insert(int index, in DmaRegion region)
    {
        var copy = new DmaRegion[regions.Length + 1];
        regions.AsSpan(0, index).CopyTo(copy);
        copy[index] = region;
        regions.AsSpan(index).CopyTo(copy.AsSpan(index + 1));
        return new DmaMap(copy, generation + 1);
    }

    /// <summary>The same map as another generation: who remembers translations makes them anew.</summary>
    public DmaMap Renew() => new(regions, generation + 1);

    /// <summary>The map without regions first..first+count.</summary>
    public DmaMap Remove(int first, int count)
    {
        var copy = new DmaRegion[regions.Length - count];
        regions.AsSpan(0, first).CopyTo(copy);
        regions.AsSpan(first + count).CopyTo(copy.AsSpan(first));
        return new DmaMap(copy, generation + 1);
    }
}
