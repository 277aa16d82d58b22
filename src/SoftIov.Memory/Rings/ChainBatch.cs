using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>
/// A burst of chains and the segments they point to: allocated once, filled by <see cref="Virtqueue.Take"/>, emptied by
/// <see cref="Clear"/>. Belongs to one poller (or to one function's control path).
/// </summary>
public sealed class ChainBatch
{
    private readonly Chain[] _chains;
    private readonly Segment[] _segments;

    /// <summary>Room for <paramref name="chainCapacity"/> chains with <paramref name="segmentCapacity"/> segments in all.</summary>
    public ChainBatch(int chainCapacity, int segmentCapacity)
    {
        _chains = new Chain[chainCapacity];
        _segments = new Segment[segmentCapacity];
    }

    /// <summary>Chains in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Chain <paramref name="index"/>, in ring order.</summary>
    public ref readonly Chain this[int index] => ref _chains[index];

    internal int FreeChains => _chains.Length - Count;

    internal int SegmentsUsed { get; set; }

    internal Span<Segment> FreeSegments => _segments.AsSpan(SegmentsUsed);

    /// <summary>What the driver lets the device read.</summary>
    public ReadOnlySpan<Segment> Readable(int index)
    {
        ref Chain chain = ref _chains[index];
        return _segments.AsSpan(chain.FirstSegment, chain.ReadableCount);
    }

    /// <summary>What the driver lets the device write.</summary>
    public ReadOnlySpan<Segment> Writable(int index)
    {
        ref Chain chain = ref _chains[index];
        return _segments.AsSpan(chain.FirstSegment + chain.ReadableCount, chain.WritableCount);
    }

    /// <summary>What the driver lets the device write, when that is one segment and there is nothing to read before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWritableWhole(int index, out Segment writable)
    {
        ref Chain chain = ref _chains[index];
        writable = _segments[chain.FirstSegment];
        return chain.WritableCount == 1 && chain.ReadableCount == 0;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        SegmentsUsed = 0;
    }

    /// <summary>Adds a chain whose segments were written to the start of <see cref="FreeSegments"/>.</summary>
    internal void Append(in Chain chain)
    {
        ref Chain slot = ref _chains[Count++];
        slot = chain;
        slot.FirstSegment = SegmentsUsed;
        SegmentsUsed += chain.ReadableCount + chain.WritableCount;
    }

    /// <summary>Adds a chain of one segment; the caller saw that there is room for the chain. False when there is none for the segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryAppendOne(ushort id, Segment segment, bool isWritable)
    {
        Segment[] segments = _segments;
        int index = SegmentsUsed;
        if ((uint)index >= (uint)segments.Length)
        {
            return false;
        }

        segments[index] = segment;
        SegmentsUsed = index + 1;
        ref Chain slot = ref _chains[Count++];
        slot.Id = id;
        slot.SlotCount = 1;
        slot.ReadableCount = isWritable ? (ushort)0 : (ushort)1;
        slot.WritableCount = isWritable ? (ushort)1 : (ushort)0;
        slot.ReadableLength = isWritable ? 0u : (uint)segment.Length;
        slot.WritableLength = isWritable ? (uint)segment.Length : 0u;
        slot.FirstSegment = index;
        return true;
    }

    /// <summary>Drops chains from <paramref name="first"/> on.</summary>
    internal void Truncate(int first)
    {
        if (first < Count)
        {
            SegmentsUsed = _chains[first].FirstSegment;
            Count = first;
        }
    }
}
