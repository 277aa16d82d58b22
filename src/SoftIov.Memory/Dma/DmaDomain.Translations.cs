namespace SoftIov.Memory;

/// <content>
/// A function behind an IOMMU whose table somebody else has: the map is a cache of it. What is not in it is asked for, which is no fault.
/// </content>
public sealed partial class DmaDomain
{
    private ITranslationSource? _translations;
    private DmaDomain? _behind;

    /// <summary>True while the map is a cache.</summary>
    public bool IsTranslated => Volatile.Read(ref _translations) is not null;

    /// <summary>
    /// Makes the map an empty cache of what <paramref name="source"/> translates to memory that <paramref name="behind"/> has, by addresses
    /// that logs are kept in; with nulls a map of its own again, empty too. When it returns nobody uses the former map.
    /// </summary>
    public void Translate(ITranslationSource? source, DmaDomain? behind)
    {
        // Whoever still sees an empty map asks, rather than to report a fault.
        if (source is null)
        {
            Clear();
        }

        Volatile.Write(ref _behind, behind);
        Volatile.Write(ref _translations, source);
        Clear();
    }

    /// <summary>Keeps a translation in place of what there was in its range. A cache that is full is emptied first.</summary>
    public DmaMapStatus Cache(ulong iova, ulong size, DmaAccess access, IHostMemory memory, ulong memoryOffset)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (!TryMakeRegion(iova, size, access, memory, memoryOffset, out DmaRegion region))
        {
            return DmaMapStatus.BadRange;
        }

        bool isAnyGone;
        lock (_changes)
        {
            DmaMap map = Without(_map, region.First, region.Last);
            map = map.Count < MaximumMappings ? map : map.Emptied();
            isAnyGone = map != _map;
            Volatile.Write(ref _map, map.Insert(region));
        }

        if (isAnyGone)
        {
            WaitForQuietPoint();
        }

        return DmaMapStatus.Ok;
    }

    /// <summary>Forgets what touches first..<paramref name="last"/>; when it returns no poller uses it.</summary>
    public void Forget(ulong first, ulong last)
    {
        lock (_changes)
        {
            DmaMap map = Without(_map, first, last);
            if (map == _map)
            {
                return;
            }

            Volatile.Write(ref _map, map);
        }

        WaitForQuietPoint();
    }

    /// <summary>Whether every byte of the range is mapped with that access. Asks for the first that is not, if somebody can be asked.</summary>
    public bool TryReach(ulong iova, ulong length, DmaAccess access) => TryReach(CurrentMap, iova, length, access);

    /// <summary>As the public one, by a map that was seen before.</summary>
    internal bool TryReach(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        bool isThere = Covers(map, iova, length, access);
        if (!isThere)
        {
            TryAsk(map, iova, length, access);
        }

        return isThere;
    }

    /// <summary>Asks for the first byte of the range that is not there; false when all are, or nobody can be asked.</summary>
    internal bool TryAsk(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        if (Volatile.Read(ref _translations) is not { } source || iova + (length - 1) < iova)
        {
            return false;
        }

        for (ulong last = iova + (length - 1); ; )
        {
            int index = map.Find(iova);
            if (index < 0)
            {
                source.Ask(iova, access);
                return true;
            }

            if (last <= map[index].Last)
            {
                return false;
            }

            iova = map[index].Last + 1;
        }
    }

    /// <summary>The address that logs have for a byte that <paramref name="map"/> has at a host address; all ones when there is none.</summary>
    internal ulong FindLogged(DmaMap map, nint host, out DmaRegion region)
    {
        DmaMap logged = Volatile.Read(ref _behind)?.CurrentMap ?? map;
        return logged.TryFindHost(host, out region) ? region.First + (ulong)(host - region.HostAddress) : ulong.MaxValue;
    }

    private static DmaMap Without(DmaMap map, ulong first, ulong last)
    {
        (int start, int count, _) = Inside(map, first, last);
        return count == 0 ? map : map.Remove(start, count);
    }
}
