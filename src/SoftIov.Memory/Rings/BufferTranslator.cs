using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>One queue's way from buffer addresses to segments: remembers the region of the last one, since the next is mostly there too.</summary>
internal struct BufferTranslator(DmaDomain domain)
{
    public const int ByMessages = -2;
    public const int Missing = -3;

    private DmaRegion _last = new(1, 0, DmaAccess.None, 0);
    private DmaRegion? _lastLogged;

    /// <summary>The map translations are made with.</summary>
    public DmaMap Map { get; private set; } = DmaMap.Empty;

    /// <summary>Takes a new map up.</summary>
    public void Use(DmaMap map)
    {
        Map = map;
        _lastLogged = null;
        _last = new DmaRegion(1, 0, DmaAccess.None, 0);
    }

    /// <summary>Host address of a buffer that lies in the region of the last one; 0 when it does not, or needs more than a glance.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nint Glance(ulong iova, uint length, DmaAccess access)
    {
        ulong offset = iova - _last.First;
        ulong room = _last.Last - _last.First;

        // A length of 0 becomes the largest number, which is too large as well.
        bool isInside = length - 1 < int.MaxValue && offset <= room && length - 1 <= room - offset && (_last.Access & access) != 0;
        return isInside ? _last.HostAddress + (nint)offset : 0;
    }

    /// <summary>A guest address of the byte at a host address; all ones when there is none. Quick in the region of the last one.</summary>
    public ulong GuestAddressOf(nint host)
    {
        bool isNear = _lastLogged is { } last && (ulong)(host - last.HostAddress) <= last.Last - last.First;
        if (!isNear)
        {
            _lastLogged = domain.FindLogged(Map, host, out DmaRegion found) != ulong.MaxValue ? found : null;
        }

        return _lastLogged is { } region ? region.First + (ulong)(host - region.HostAddress) : ulong.MaxValue;
    }

    /// <summary>
    /// Writes the segments of a buffer; returns how many, 0 when there is no room, -1 when the buffer may not be accessed so (and records
    /// the fault), <see cref="ByMessages"/> when it may, but by messages only, <see cref="Missing"/> when it was asked for and may come.
    /// <paramref name="length"/> is not 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int TranslateSlowly(ulong iova, ulong length, DmaAccess access, Span<Segment> segments)
    {
        if (iova + (length - 1) < iova)
        {
            domain.IsAllowed(Map, iova, length, access);
            return -1;
        }

        int count = 0;
        while (length != 0)
        {
            if (count == segments.Length)
            {
                return 0;
            }

            // Region by region, and none beyond the room there is: a buffer may lie in tens of thousands of them.
            if (!domain.IsAllowed(Map, iova, 1, access))
            {
                return domain.IsTranslated && Map.Find(iova) < 0 ? Missing : -1;
            }

            DmaRegion region = Map[Map.Find(iova)];
            if (region.IsMessageOnly)
            {
                return ByMessages;
            }

            int part = (int)Math.Min(Math.Min(length - 1, region.Last - iova) + 1, int.MaxValue);
            segments[count++] = new Segment(region.AddressOf(iova), part);
            iova += (ulong)part;
            length -= (ulong)part;
            if (domain.MayRemember)
            {
                _last = region;
            }
        }

        return count;
    }
}
