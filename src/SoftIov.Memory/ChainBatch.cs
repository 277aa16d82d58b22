namespace SoftIov.Memory;

/// <summary>
/// A burst of chains and the segments they point to: allocated once, filled by <see cref="Virtqueue.Take"/>, emptied by
/// <see cref="Clear"/>. Belongs to one poller (or to one function's control path).
/// </summary>
public sealed class ChainBatch
{
    /// <summary>Room for <paramref name="chainCapacity"/> chains with <paramref name="segmentCapacity"/> segments in all.</summary>
    public ChainBatch(int chainCapacity, int segmentCapacity) => throw new NotImplementedException();

    /// <summary>Chains in the batch.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Chain <paramref name="index"/>, in ring order.</summary>
    public ref readonly Chain this[int index] => throw new NotImplementedException();

    /// <summary>What the driver lets the device read.</summary>
    public ReadOnlySpan<Segment> Readable(int index) => throw new NotImplementedException();

    /// <summary>What the driver lets the device write.</summary>
    public ReadOnlySpan<Segment> Writable(int index) => throw new NotImplementedException();

    /// <summary>Empties the batch.</summary>
    public void Clear() => throw new NotImplementedException();
}
