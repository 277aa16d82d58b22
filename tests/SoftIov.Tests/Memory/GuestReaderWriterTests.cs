using FsCheck;
using FsCheck.Fluent;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Readers and writers over segments cut anywhere do what they do over one piece.</summary>
public sealed class GuestReaderWriterTests
{
    private static readonly Config Tests = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Reader_reads_skips_and_cuts_as_over_one_piece() => Prop.ForAll<int>(seed => Reads(new Random(seed))).Check(Tests);

    [Fact]
    public void Bytes_arrive_in_order_over_any_cuts() => Prop.ForAll<int>(seed => Copies(new Random(seed))).Check(Tests);

    [Fact]
    public void Writer_drops_what_does_not_fit()
    {
        var memory = new ScratchMemory(16);
        var writer = new GuestWriter([memory.Segment(0, 3), memory.Segment(3, 2)]);
        writer.Write([1, 2, 3, 4, 5, 6, 7]);
        writer.Write(0xFFFF_FFFFu);
        Assert.Equal([1, 2, 3, 4, 5, 0, 0, 0], memory.Span[..8].ToArray());
    }

    [Fact]
    public void Nothing_is_read_from_no_segments()
    {
        var reader = new GuestReader([]);
        Assert.True(reader.TryRead([]));
        Assert.True(reader.TrySkip(0));
        Assert.False(reader.TryRead(out byte _));
        Assert.False(reader.TrySkip(1));
        Assert.Equal(-1, reader.Cut(1, new Segment[1]));
    }

    private static bool Reads(Random random)
    {
        var memory = new ScratchMemory(200);
        random.NextBytes(memory.Span);
        var reader = new GuestReader(CutAnywhere(memory, random));
        for (int at = 0; at < memory.Length;)
        {
            int length = random.Next(0, 40);
            bool fits = length <= memory.Length - at;
            var copy = new byte[length];
            switch (random.Next(4))
            {
                case 0:
                    Assert.Equal(fits, reader.TryRead(copy));
                    break;
                case 1:
                    fits = memory.Length - at >= sizeof(ulong);
                    length = sizeof(ulong);
                    Assert.Equal(fits, reader.TryRead(out ulong value));
                    copy = BitConverter.GetBytes(value);
                    break;
                case 2:
                    Assert.Equal(fits, reader.TrySkip(length));
                    copy = fits ? memory.Span.Slice(at, length).ToArray() : [];
                    break;
                default:
                    var parts = new Segment[64];
                    int count = reader.Cut(length, parts);
                    Assert.Equal(fits, count >= 0);
                    GuestCopy.Gather(parts.AsSpan(0, Math.Max(0, count)), 0, copy);
                    break;
            }

            if (!fits)
                return true;
            Assert.Equal(memory.Span.Slice(at, length).ToArray(), copy);
            at += length;
        }

        return true;
    }

    private static bool Copies(Random random)
    {
        var source = new ScratchMemory(300);
        var destination = new ScratchMemory(340);
        random.NextBytes(source.Span);
        var writer = new GuestWriter(CutAnywhere(destination, random));
        var reader = new GuestReader(CutAnywhere(source, random));
        writer.Write(0x0807_0605_0403_0201UL);
        int length = random.Next(0, source.Length + 1);
        reader.CopyTo(ref writer, length);
        reader.CopyTo(ref writer, source.Length - length);
        writer.Write(source.Span[..16]);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], destination.Span[..8].ToArray());
        Assert.Equal(source.Span.ToArray(), destination.Span.Slice(8, source.Length).ToArray());
        Assert.Equal(source.Span[..16].ToArray(), destination.Span.Slice(308, 16).ToArray());
        Assert.Equal(new byte[16], destination.Span[324..].ToArray());
        return true;
    }

    private static Segment[] CutAnywhere(ScratchMemory memory, Random random)
    {
        var segments = new List<Segment>();
        for (int at = 0; at < memory.Length;)
        {
            int length = Math.Min(memory.Length - at, random.Next(1, 50));
            segments.Add(memory.Segment(at, length));
            at += length;
        }

        return [.. segments];
    }
}
