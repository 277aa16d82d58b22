namespace SoftIov.Memory;

/// <summary>
/// The address space of one function: what its own client mapped, and nothing else (PCIe isolation by requester id). The map is an
/// immutable sorted array behind one reference: pollers read it without locks, control code replaces it. A refused access is a value
/// and a record in <see cref="Faults"/>, never an exception. With bus mastering off every access is refused and nothing is recorded.
/// </summary>
public sealed class DmaDomain
{
    /// <summary>An empty domain.</summary>
    public DmaDomain(IQuiescence quiescence, DmaFaultLog faults) => throw new NotImplementedException();

    /// <summary>Routing id that faults name; follows the captured bus number.</summary>
    public RequesterId Requester { get; set; }

    /// <summary>Bus Master Enable of the function. Read per burst by pollers.</summary>
    public bool BusMasterEnable { get; set; }

    /// <summary>Refused accesses.</summary>
    public DmaFaultLog Faults { get; } = null!;

    /// <summary>How to reach memory that was mapped without a file descriptor; null when there is no such client.</summary>
    public IMessageDma? Messages { get; set; }

    /// <summary>True when some mapping has no memory of its own and is reached by messages only.</summary>
    public bool HasMessageMappings => throw new NotImplementedException();

    /// <summary>Counts changes of the map. A ring compares it once per burst and translates its addresses anew when it moved.</summary>
    public int Generation => throw new NotImplementedException();

    /// <summary>Number of mappings.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Adds a mapping. With <paramref name="memory"/> null it is reached by messages. Memory is not owned by the domain.</summary>
    public DmaMapStatus Map(ulong iova, ulong size, DmaAccess access, IHostMemory? memory, ulong memoryOffset) =>
        throw new NotImplementedException();

    /// <summary>
    /// Removes every mapping inside the range and waits until no poller can touch it. A mapping that reaches out of the range is an error
    /// and nothing is removed. Returns how many went in <paramref name="removed"/>.
    /// </summary>
    public DmaMapStatus Unmap(ulong iova, ulong size, out int removed) => throw new NotImplementedException();

    /// <summary>Removes everything, as <see cref="Unmap"/> does.</summary>
    public void Clear() => throw new NotImplementedException();

    /// <summary>Copies guest memory out, over several mappings if need be; false and a fault when any byte may not be read.</summary>
    public bool TryRead(ulong iova, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Copies into guest memory; false and a fault when any byte may not be written (then nothing is written).</summary>
    public bool TryWrite(ulong iova, ReadOnlySpan<byte> source) => throw new NotImplementedException();
}
