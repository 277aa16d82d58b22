using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>A burst of frames from one port: allocated once per poller, filled by a device or uplink, forwarded, cleared.</summary>
public sealed class FrameBatch
{
    /// <summary>Most frames in a burst.</summary>
    public const int Capacity = 32;

    /// <summary>Frames in the batch.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Frame <paramref name="index"/>.</summary>
    public ref Frame this[int index] => throw new NotImplementedException();

    /// <summary>
    /// Adds the frame that lies in <paramref name="source"/> from offset <paramref name="from"/> on, <paramref name="length"/> bytes long,
    /// and copies its head. False when the batch is full, or the frame is shorter than an Ethernet header or longer than 64 KiB + 128.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<Segment> source, int from, int length, in FrameOffload offload) => throw new NotImplementedException();

    /// <summary>Copies the whole frame into a receiver's buffers from offset <paramref name="to"/> on: the one copy.</summary>
    public void CopyTo(int index, ReadOnlySpan<Segment> destination, int to) => throw new NotImplementedException();

    /// <summary>Copies part of the frame (bytes from..from+length) into a receiver's buffers: for frames spread over several buffers.</summary>
    public void CopyTo(int index, int from, int length, ReadOnlySpan<Segment> destination, int to) => throw new NotImplementedException();

    /// <summary>Copies part of the frame out, for parsing headers and for captures.</summary>
    public void CopyTo(int index, int from, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Empties the batch.</summary>
    public void Clear() => throw new NotImplementedException();
}
