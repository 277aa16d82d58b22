using System.Buffers.Binary;
using SoftIov.Benchmarks.Net;
using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Benchmarks.Micro;

/// <summary>Frames in memory that stays, ready to be put into a batch.</summary>
internal sealed class MicroFrames(int room)
{
    private readonly ScratchMemory _memory = new(room);
    private int _used;

    /// <summary>A batch filled with <paramref name="count"/> frames of so many bytes, from VF 0 to what <paramref name="to"/> says.</summary>
    public static FrameBatch Burst(int count, int length, Func<int, int> to, VlanTag tag = default)
    {
        var frames = new MicroFrames(count * length);
        var batch = new FrameBatch();
        for (int i = 0; i < count; i++)
        {
            byte[] frame = NetFrame.Make(length + 4, asksForChecksum: false, 0, to(i), out _);
            if (tag.IsPresent)
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(2 * MacAddress.Size), tag.Value);
            batch.TryAdd(frames.Add(frame), 0, default);
        }

        return batch;
    }

    /// <summary>The bytes as a sender's buffer.</summary>
    public Segment Add(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_memory.Span[_used..]);
        Segment segment = _memory.Segment(_used, frame.Length);
        _used += frame.Length;
        return segment;
    }
}
