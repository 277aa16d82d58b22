using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>A burst of frames from one port: allocated once per poller, filled by a device or uplink, forwarded, cleared.</summary>
public sealed partial class FrameBatch
{
    /// <summary>Most frames in a burst.</summary>
    public const int Capacity = 64;

    /// <summary>Longest frame in bytes: 64 KiB of payload and its headers, as virtio-net allows.</summary>
    public const int MaxFrameLength = (64 * 1024) + 128;

    /// <summary>Segments in all. A chain as long as the largest queue fits into an empty batch.</summary>
    public const int SegmentCapacity = 2048;

    /// <summary>From there on the processor's own prefetcher has understood; it begins anew with each buffer.</summary>
    private const int TailPrefetchLength = 256;

    private readonly Frame[] _frames = new Frame[Capacity];
    private readonly Segment[] _segments = new Segment[SegmentCapacity];
    private Segmentation? _segmentation;
    private int _segmentsUsed;

    /// <summary>Frames in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Scratch of the poller that owns the batch.</summary>
    internal Dispatch Dispatch { get; } = new();

    /// <summary>Where frames are cut into segments; made when the first one needs it.</summary>
    internal Segmentation Segmentation => _segmentation ??= new Segmentation();

    /// <summary>Frame <paramref name="index"/>.</summary>
    public ref Frame this[int index] => ref _frames[index];

    /// <summary>Whether a frame of this length in bytes may pass at all.</summary>
    public static bool IsLengthValid(int length) => (uint)(length - Frame.EthernetHeaderSize) <= MaxFrameLength - Frame.EthernetHeaderSize;

    /// <summary>Whether another frame of so many segments fits; when not, forward and clear the batch first.</summary>
    public bool HasRoomFor(int segmentCount) => Count < Capacity && segmentCount <= SegmentCapacity - _segmentsUsed;

    /// <summary>
    /// Adds the frame that lies in <paramref name="source"/> from offset <paramref name="from"/> on, <paramref name="length"/> bytes long,
    /// and copies its head. False when the batch is full (<see cref="HasRoomFor"/>), the length is not valid
    /// (<see cref="IsLengthValid"/>) or the source is shorter.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<Segment> source, int from, int length, in FrameOffload offload)
    {
        var reader = new GuestReader(source);
        return reader.TrySkip(from) && TryAdd(ref reader, length, in offload);
    }

    /// <summary>Adds the frame that stands next in <paramref name="source"/>; as above.</summary>
    public bool TryAdd(ref GuestReader source, int length, in FrameOffload offload)
    {
        if (Count == Capacity || !IsLengthValid(length))
        {
            return false;
        }

        int headLength = Math.Min(length, FrameHead.Capacity);
        ref Frame frame = ref _frames[Count];
        if (!source.TryRead(((Span<byte>)frame.Head).Slice(FrameHead.Headroom, headLength)))
        {
            return false;
        }

        int segments = source.Cut(length - headLength, _segments.AsSpan(_segmentsUsed));
        if (segments < 0)
        {
            return false;
        }

        Complete(ref frame, length, headLength, segments, in offload);
        return true;
    }

    /// <summary>Adds the frame that lies in one piece behind the first <paramref name="from"/> bytes; false as above.</summary>
    public bool TryAdd(Segment source, int from, in FrameOffload offload)
    {
        int length = source.Length - from;
        if (Count == Capacity || !IsLengthValid(length))
        {
            return false;
        }

        ref Frame frame = ref _frames[Count];
        int headLength = Math.Min(length, FrameHead.Capacity);
        source.Read(from, ((Span<byte>)frame.Head).Slice(FrameHead.Headroom, headLength));
        int segments = 0;
        if (length > headLength)
        {
            if (_segmentsUsed == SegmentCapacity)
            {
                return false;
            }

            Segment tail = source.Slice(from + headLength);
            tail.Prefetch(TailPrefetchLength);
            _segments[_segmentsUsed] = tail;
            segments = 1;
        }

        Complete(ref frame, length, headLength, segments, in offload);
        return true;
    }

    /// <summary>The bytes of the frame that lie in the batch itself.</summary>
    public ReadOnlySpan<byte> Head(int index)
    {
        ref Frame frame = ref _frames[index];
        return ((ReadOnlySpan<byte>)frame.Head).Slice(frame.HeadStart, frame.HeadLength);
    }

    /// <summary>The buffers that hold the rest of the frame, exactly.</summary>
    public ReadOnlySpan<Segment> Tail(int index)
    {
        ref Frame frame = ref _frames[index];
        return _segments.AsSpan(frame.FirstSegment, frame.SegmentCount);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        _segmentsUsed = 0;
    }

    /// <summary>After a fault in the middle of a burst: as new.</summary>
    internal void Reset()
    {
        Clear();
        Dispatch.Reset();
        _segmentation?.Output.Clear();
    }

    /// <summary>Head and segments of a frame stand in their places: the rest of it.</summary>
    private void Complete(ref Frame frame, int length, int headLength, int segments, in FrameOffload offload)
    {
        frame.HeadStart = FrameHead.Headroom;
        frame.HeadLength = (byte)headLength;
        frame.FirstSegment = (ushort)_segmentsUsed;
        frame.SegmentCount = (ushort)segments;
        frame.TagInHead = false;
        frame.Length = length;
        frame.Offload = offload;
        frame.Hash = 0;
        frame.Tag = default;
        frame.ReadAddresses();
        _segmentsUsed += segments;
        Count++;
    }
}
