using SoftIov.Datapath;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class FrameBatchTests
{
    private static readonly byte[] Bytes = TestFrame.Plain(TestFrame.Mac(1), TestFrame.Mac(2), length: 300);

    [Theory]
    [InlineData(13)]
    [InlineData(FrameBatch.MaxFrameLength + 1)]
    public void A_length_no_frame_has_is_refused(int length)
    {
        var memory = new ScratchMemory(FrameBatch.MaxFrameLength + 1);
        Assert.False(new FrameBatch().TryAdd([memory.Segment(0, memory.Length)], 0, length, default));
    }

    [Fact]
    public void A_length_beyond_the_source_is_refused()
    {
        var memory = new ScratchMemory(100);
        Assert.False(new FrameBatch().TryAdd([memory.Segment(0, 100)], 0, 101, default));
        Assert.False(new FrameBatch().TryAdd([memory.Segment(0, 40)], 12, 60, default));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1, 13, 86, 200)]
    [InlineData(88, 212)]
    [InlineData(0, 100, 0, 100, 0, 100)]
    public void Bytes_arrive_however_the_source_is_cut(params int[] lengths)
    {
        const int Offset = 12;
        var batch = new FrameBatch();
        ScratchMemory memory = InMemory(Offset);
        Assert.True(batch.TryAdd(Cut(memory, Offset, lengths), Offset, Bytes.Length, default));

        var target = new ScratchMemory(20 + Bytes.Length);
        batch.CopyTo(0, [target.Segment(0, 30), target.Segment(30, target.Length - 30)], 20);
        Assert.Equal(Bytes, target.Span[20..].ToArray());
        GC.KeepAlive(memory);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void Bytes_arrive_from_one_piece_to_one_piece(int offset)
    {
        var batch = new FrameBatch();
        ScratchMemory memory = InMemory(offset);
        Assert.True(batch.TryAdd(memory.Segment(0, offset + Bytes.Length), offset, default));
        Assert.True(batch.TryAdd(memory.Segment(0, offset + 60), offset, default));
        Assert.False(batch.TryAdd(memory.Segment(0, offset + 13), offset, default));
        Assert.Equal((2, Bytes.Length, 60), (batch.Count, batch[0].Length, batch[1].Length));

        var target = new ScratchMemory(20 + Bytes.Length);
        batch.CopyTo(0, target.Segment(0, target.Length), 20);
        Assert.Equal(Bytes, target.Span[20..].ToArray());
        batch.CopyTo(1, target.Segment(0, 80), 20);
        Assert.Equal(Bytes[..60], target.Span[20..80].ToArray());
        GC.KeepAlive(memory);
    }

    [Fact]
    public void A_part_is_copied_from_head_and_tail()
    {
        var batch = new FrameBatch();
        ScratchMemory memory = InMemory(0);
        batch.TryAdd([memory.Segment(0, Bytes.Length)], 0, Bytes.Length, default);
        foreach ((int from, int length) in new[] { (0, 20), (80, 8), (80, 30), (88, 10), (100, 200), (0, 300) })
        {
            var target = new ScratchMemory(length + 3);
            batch.CopyTo(0, from, length, [target.Segment(0, target.Length)], 3);
            Assert.Equal(Bytes.AsSpan(from, length).ToArray(), target.Span[3..].ToArray());
            byte[] copy = new byte[length];
            batch.CopyTo(0, from, copy);
            Assert.Equal(Bytes.AsSpan(from, length).ToArray(), copy);
        }

        GC.KeepAlive(memory);
    }

    [Fact]
    public void Tags_are_pushed_and_stripped_in_place()
    {
        var batch = new FrameBatch();
        ScratchMemory memory = InMemory(0);
        var offload = new FrameOffload { NeedsChecksum = true, ChecksumStart = 34, HeaderLength = 54 };
        batch.TryAdd([memory.Segment(0, Bytes.Length)], 0, Bytes.Length, offload);
        batch[0].PushTag(new VlanTag(EtherType.CustomerTag, 5));
        batch[0].PushTag(new VlanTag(EtherType.ServiceTag, 0xE007));

        byte[] expected = TestFrame.Tagged(TestFrame.Tagged(Bytes, 5), 7, 7, EtherType.ServiceTag);
        Assert.Equal(expected, Whole(batch, 0));
        Assert.Equal(42, batch[0].Offload.ChecksumStart);
        Assert.Equal(62, batch[0].Offload.HeaderLength);

        Assert.Equal(new VlanTag(EtherType.ServiceTag, 0xE007), batch[0].StripTag());
        Assert.Equal(new VlanTag(EtherType.CustomerTag, 5), batch[0].StripTag());
        Assert.Equal(Bytes, Whole(batch, 0));
        Assert.Equal(34, batch[0].Offload.ChecksumStart);
        GC.KeepAlive(memory);
    }

    [Fact]
    public void A_batch_takes_32_frames_and_2048_segments()
    {
        var batch = new FrameBatch();
        var memory = new ScratchMemory(4096);
        for (int i = 0; i < FrameBatch.Capacity; i++)
        {
            Assert.True(batch.HasRoomFor(1));
            Assert.True(batch.TryAdd([memory.Segment(0, 60)], 0, 60, default));
        }

        Assert.False(batch.HasRoomFor(1));
        Assert.False(batch.TryAdd([memory.Segment(0, 60)], 0, 60, default));

        batch.Clear();
        var segments = new Segment[FrameBatch.SegmentCapacity];
        Array.Fill(segments, memory.Segment(0, 1));
        Assert.True(batch.TryAdd(segments, 0, segments.Length, default));
        Assert.True(batch.TryAdd([memory.Segment(0, 500)], 0, 60, default));
        Assert.False(batch.HasRoomFor(89));
    }

    private static byte[] Whole(FrameBatch batch, int index)
    {
        byte[] bytes = new byte[batch[index].Length];
        batch.CopyTo(index, 0, bytes);
        return bytes;
    }

    private static ScratchMemory InMemory(int offset)
    {
        var memory = new ScratchMemory(offset + Bytes.Length + 50);
        Bytes.CopyTo(memory.Span[offset..]);
        return memory;
    }

    private static Segment[] Cut(ScratchMemory memory, int offset, int[] lengths)
    {
        var segments = new List<Segment> { memory.Segment(0, offset) };
        int at = offset;
        foreach (int length in lengths)
        {
            segments.Add(memory.Segment(at, length));
            at += length;
        }

        return [.. segments];
    }
}
