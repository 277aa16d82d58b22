namespace SoftIov.Memory;

/// <summary>
/// The address space of one function: what its own client mapped, and nothing else (PCIe isolation by requester id). The map is an
/// immutable sorted array behind one reference: pollers read it without locks, control code replaces it. A refused access is a value
/// and a record in <see cref="Faults"/>, never an exception. With bus mastering off every access is refused and nothing is recorded.
/// </summary>
public sealed partial class DmaDomain
{
    /// <summary>Most mappings a client may have: what vfio-user announces as max_dma_maps at most.</summary>
    public const int MaximumMappings = 65535;

    private readonly IQuiescence _quiescence;
    private readonly Lock _changes = new();
    private DmaMap _map = DmaMap.Empty;
    private DmaDomain? _shared;
    private IMessageDma? _messages;
    private InjectedDmaFaults? _injected;
    private DirtyLog? _log;
    private bool _busMasterEnable;

    /// <summary>An empty domain.</summary>
    public DmaDomain(IQuiescence quiescence, DmaFaultLog faults)
    {
        _quiescence = quiescence;
        Faults = faults;
    }

    /// <summary>Routing id that faults name; follows the captured bus number.</summary>
    public RequesterId Requester { get; set; }

    /// <summary>Bus Master Enable of the function. Read per burst by pollers.</summary>
    public bool BusMasterEnable
    {
        get => Volatile.Read(ref _busMasterEnable);
        set => Volatile.Write(ref _busMasterEnable, value);
    }

    /// <summary>Refused accesses.</summary>
    public DmaFaultLog Faults { get; }

    /// <summary>How to reach memory that was mapped without a file descriptor; null when there is no such client.</summary>
    public IMessageDma? Messages
    {
        get => (Volatile.Read(ref _shared) ?? this)._messages;
        set => _messages = value;
    }

    /// <summary>
    /// Who else works on this domain than the shared pollers: the thread of a function that uses message DMA. Waited for as they are when
    /// something is unmapped; set before that thread starts, null after it ended.
    /// </summary>
    public IQuiescence? Lane { get; set; }

    /// <summary>Faults that are injected. Null in all domains but those that something was injected into.</summary>
    public InjectedDmaFaults? Injected
    {
        get => Volatile.Read(ref _injected);
        set
        {
            Volatile.Write(ref _injected, value);
            Retranslate();
        }
    }

    /// <summary>
    /// Where pages are marked that the function wrote; null while nobody wants to know. When setting it returns, everything that is written
    /// from then on is marked there, and the former is used no more.
    /// </summary>
    public DirtyLog? Log
    {
        get => Volatile.Read(ref _log);
        set
        {
            if (Interlocked.Exchange(ref _log, value) != value)
                WaitForQuietPoint();
        }
    }

    /// <summary>True when some mapping has no memory of its own and is reached by messages only.</summary>
    public bool HasMessageMappings => CurrentMap.HasMessageRegions;

    /// <summary>Counts changes of the map. A ring compares it once per burst and translates its addresses anew when it moved.</summary>
    public int Generation => CurrentMap.Generation;

    /// <summary>Number of mappings.</summary>
    public int Count => CurrentMap.Count;

    /// <summary>The map as it stands.</summary>
    internal DmaMap CurrentMap => Volatile.Read(ref (Volatile.Read(ref _shared) ?? this)._map);

    /// <summary>
    /// Uses another domain's map instead of its own from now on (functions behind one client share what it mapped), or its own again with
    /// null. Bus mastering stays each domain's own. When it returns no poller uses the former map.
    /// </summary>
    public void Share(DmaDomain? other)
    {
        Volatile.Write(ref _shared, other);
        _quiescence.WaitForQuietPoint();
    }

    /// <summary>False while a fault waits for an access: one that is translated from memory would pass it by.</summary>
    internal bool MayRemember => Volatile.Read(ref _injected) is not { IsArmed: true };

    /// <summary>Queues forget what they translated, so that their next access asks this domain. The map stays what it is.</summary>
    public void Retranslate()
    {
        DmaDomain owner = Volatile.Read(ref _shared) ?? this;
        lock (owner._changes)
        {
            Volatile.Write(ref owner._map, owner._map.Renew());
        }
    }

    /// <summary>Adds a mapping. With <paramref name="memory"/> null it is reached by messages. Memory is not owned by the domain.</summary>
    public DmaMapStatus Map(ulong iova, ulong size, DmaAccess access, IHostMemory? memory, ulong memoryOffset)
    {
        if (!TryMakeRegion(iova, size, access, memory, memoryOffset, out DmaRegion region))
        {
            return DmaMapStatus.BadRange;
        }

        lock (_changes)
        {
            DmaMap map = _map;
            DmaMapStatus status = Insert(ref map, region);
            Volatile.Write(ref _map, map);
            return status;
        }
    }

    /// <summary>
    /// Puts these mappings in place of all there are, in one step: no poller sees anything between the two. Waits until none uses the former
    /// ones. When one cannot be had nothing changes.
    /// </summary>
    public DmaMapStatus Replace(ReadOnlySpan<DmaMapping> mappings)
    {
        lock (_changes)
        {
            DmaMap map = _map.Count == 0 ? _map : _map.Emptied();
            foreach (DmaMapping one in mappings)
            {
                DmaMapStatus status = TryMakeRegion(one.Iova, one.Size, one.Access, one.Memory, one.MemoryOffset, out DmaRegion region)
                    ? Insert(ref map, region)
                    : DmaMapStatus.BadRange;
                if (status != DmaMapStatus.Ok)
                {
                    return status;
                }
            }

            Volatile.Write(ref _map, map);
        }

        WaitForQuietPoint();
        return DmaMapStatus.Ok;
    }

    /// <summary>
    /// Removes every mapping inside the range and waits until no poller can touch it. A mapping that reaches out of the range is an error
    /// and nothing is removed. Returns how many went in <paramref name="removed"/>.
    /// </summary>
    public DmaMapStatus Unmap(ulong iova, ulong size, out int removed)
    {
        removed = 0;
        if (size == 0 || iova + (size - 1) < iova)
        {
            return DmaMapStatus.BadRange;
        }

        lock (_changes)
        {
            DmaMap map = _map;
            (int first, int count, bool cuts) = Inside(map, iova, iova + (size - 1));
            if (count == 0 || cuts)
            {
                return DmaMapStatus.NotMapped;
            }

            removed = count;
            Volatile.Write(ref _map, map.Remove(first, count));
        }

        WaitForQuietPoint();
        return DmaMapStatus.Ok;
    }

    /// <summary>Removes everything, as <see cref="Unmap"/> does.</summary>
    public void Clear()
    {
        lock (_changes)
        {
            Volatile.Write(ref _map, _map.Count == 0 ? _map : _map.Emptied());
        }

        WaitForQuietPoint();
    }

    /// <summary>Copies guest memory out, over several mappings if need be; false and a fault when any byte may not be read.</summary>
    public bool TryRead(ulong iova, Span<byte> destination) => TryRead(CurrentMap, iova, destination);

    /// <summary>Copies into guest memory; false and a fault when any byte may not be written (then nothing is written).</summary>
    public bool TryWrite(ulong iova, ReadOnlySpan<byte> source) => TryWrite(CurrentMap, iova, source);

    /// <summary>As TryRead, for a lane, under which maps go: what is not mapped just now is nobody's fault.</summary>
    internal bool TryReadIfMapped(ulong iova, Span<byte> destination)
    {
        DmaMap map = CurrentMap;
        return TryReach(map, iova, (ulong)destination.Length, DmaAccess.Read) && TryRead(map, iova, destination);
    }

    /// <summary>As <see cref="TryReadIfMapped"/>, the other way.</summary>
    internal bool TryWriteIfMapped(ulong iova, ReadOnlySpan<byte> source)
    {
        DmaMap map = CurrentMap;
        return TryReach(map, iova, (ulong)source.Length, DmaAccess.Write) && TryWrite(map, iova, source);
    }

    private unsafe bool TryRead(DmaMap map, ulong iova, Span<byte> destination)
    {
        if (!IsAllowed(map, iova, (ulong)destination.Length, DmaAccess.Read))
        {
            return false;
        }

        while (!destination.IsEmpty)
        {
            DmaRegion region = map[map.Find(iova)];
            int part = (int)Math.Min((ulong)destination.Length - 1, region.Last - iova) + 1;
            if (!region.IsMessageOnly)
            {
                new ReadOnlySpan<byte>((void*)region.AddressOf(iova), part).CopyTo(destination);
            }
            else if (Messages?.TryRead(iova, destination[..part]) != true)
            {
                return false;
            }

            destination = destination[part..];
            iova += (ulong)part;
        }

        return true;
    }

    private unsafe bool TryWrite(DmaMap map, ulong iova, ReadOnlySpan<byte> source)
    {
        if (!IsAllowed(map, iova, (ulong)source.Length, DmaAccess.Write))
        {
            return false;
        }

        while (!source.IsEmpty)
        {
            DmaRegion region = map[map.Find(iova)];
            int part = (int)Math.Min((ulong)source.Length - 1, region.Last - iova) + 1;
            if (!region.IsMessageOnly)
            {
                source[..part].CopyTo(new Span<byte>((void*)region.AddressOf(iova), part));
                Log?.Mark(IsTranslated ? FindLogged(map, region.AddressOf(iova), out _) : iova, (ulong)part);
            }
            else if (Messages?.TryWrite(iova, source[..part]) != true)
            {
                return false;
            }

            source = source[part..];
            iova += (ulong)part;
        }

        return true;
    }

    /// <summary>Whether every byte of the range is mapped with that access, in however many pieces. Records nothing.</summary>
    public bool IsMapped(ulong iova, ulong length, DmaAccess access) => Covers(CurrentMap, iova, length, access);

    /// <summary>Whether every byte of the range may be accessed so; records the fault of the first that may not.</summary>
    internal bool IsAllowed(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        if (!BusMasterEnable)
        {
            return false;
        }

        if (Volatile.Read(ref _injected) is { } injected)
        {
            if (injected.Refusals.TryTake())
            {
                return Refuse(iova, access, DmaFaultReason.NotPresent);
            }

            if (access == DmaAccess.Read && injected.TryPoison())
            {
                return false;
            }
        }

        if (length != 0 && iova + (length - 1) < iova)
        {
            return Refuse(iova, access, DmaFaultReason.BeyondAddressWidth);
        }

        while (length != 0)
        {
            int index = map.Find(iova);
            if (index < 0)
            {
                return !TryAsk(map, iova, length, access) && Refuse(iova, access, DmaFaultReason.NotPresent);
            }

            DmaRegion region = map[index];
            if ((region.Access & access) == 0)
            {
                return Refuse(iova, access, access == DmaAccess.Write ? DmaFaultReason.NoWrite : DmaFaultReason.NoRead);
            }

            ulong part = Math.Min(length - 1, region.Last - iova) + 1;
            length -= part;
            iova += part;
        }

        return true;
    }

    /// <summary>Records a refused access.</summary>
    internal bool Refuse(ulong iova, DmaAccess access, DmaFaultReason reason)
    {
        Faults.Record(new DmaFault(Requester, iova, access == DmaAccess.Write, reason));
        return false;
    }

    private void WaitForQuietPoint()
    {
        _quiescence.WaitForQuietPoint();
        // A lane that is not seen here started after the map was replaced, and sees the new one.
        Interlocked.MemoryBarrier();
        Lane?.WaitForQuietPoint();
    }

    private static bool TryMakeRegion(
        ulong iova, ulong size, DmaAccess access, IHostMemory? memory, ulong memoryOffset, out DmaRegion region)
    {
        bool isInside = memory is null || (memoryOffset <= (ulong)memory.Length && size <= (ulong)memory.Length - memoryOffset);
        bool isValid = size != 0 && iova + (size - 1) >= iova && isInside;
        nint host = memory is null || !isValid ? 0 : memory.Address + (nint)memoryOffset;
        region = isValid ? new DmaRegion(iova, iova + (size - 1), access, host) : default;
        return isValid;
    }

    private static DmaMapStatus Insert(ref DmaMap map, in DmaRegion region)
    {
        if (map.Count >= MaximumMappings)
        {
            return DmaMapStatus.TooMany;
        }

        int next = map.FindAtOrAbove(region.First);
        if (next >= 0 && map[next].First <= region.Last)
        {
            return DmaMapStatus.Overlap;
        }

        map = map.Insert(region);
        return DmaMapStatus.Ok;
    }

    /// <summary>The regions that touch first..last, and whether the range would cut one of them.</summary>
    private static (int First, int Count, bool Cuts) Inside(DmaMap map, ulong first, ulong last)
    {
        int start = map.FindAtOrAbove(first);
        int count = 0;
        bool cuts = false;
        for (int index = start; index >= 0 && map[index].First <= last; index = map.Next(index))
        {
            cuts |= map[index].First < first || map[index].Last > last;
            count++;
        }

        return (start, count, cuts);
    }
}
