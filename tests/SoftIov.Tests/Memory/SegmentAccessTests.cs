using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Bytes of a segment, copied in and out with checked offsets.</summary>
public sealed class SegmentAccessTests
{
    [Fact]
    public void Copies_of_any_length_move_these_bytes_and_no_others()
    {
        for (int length = 0; length <= 160; length++)
        {
            var source = new ScratchMemory(200);
            var destination = new ScratchMemory(200);
            new Random(length).NextBytes(source.Span);
            byte[] bytes = source.Span.Slice(3, length).ToArray();

            destination.Segment(0, 200).Write(7, source.Segment(3, length));
            Check(destination.Span, bytes);
            destination.Span.Clear();
            destination.Segment(0, 200).Write(7, bytes);
            Check(destination.Span, bytes);
            var copy = new byte[length];
            destination.Segment(0, 200).Read(7, copy);
            Assert.Equal(bytes, copy);
        }
    }

    [Fact]
    public void Values_are_unaligned_and_in_machine_order()
    {
        var memory = new ScratchMemory(16);
        memory.Segment(0, 16).Write(3, 0x1122_3344u);
        Assert.Equal(BitConverter.GetBytes(0x1122_3344u), memory.Span.Slice(3, 4).ToArray());
        Assert.Equal(0x1122_3344u, memory.Segment(0, 16).Read<uint>(3));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(13)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Offsets_outside_are_refused(int at)
    {
        var memory = new ScratchMemory(64);
        Segment segment = memory.Segment(0, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Read<uint>(at));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Write(at, 1u));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Write(at, new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Read(at, new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Write(at, memory.Segment(0, 4)));
    }

    private static void Check(ReadOnlySpan<byte> memory, byte[] expected)
    {
        Assert.Equal(new byte[7], memory[..7].ToArray());
        Assert.Equal(expected, memory.Slice(7, expected.Length).ToArray());
        Assert.Equal(new byte[193 - expected.Length], memory[(7 + expected.Length)..].ToArray());
    }
}
