using FsCheck;
using FsCheck.Fluent;
using SoftIov.Datapath;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Ones' complement sums (RFC 1071) against the definition: any length, any alignment, any cutting, and all carries.</summary>
public sealed class ChecksumSumTests
{
    private const int Largest = 70_000;
    private static readonly Config Tests = Config.QuickThrowOnFailure.WithMaxTest(1000);

    /// <summary>Each way through vectors, words and what is left over, at each alignment.</summary>
    [Fact]
    public void Every_short_length_at_every_alignment()
    {
        byte[] bytes = Bytes(new Random(1071), 400);
        for (int start = 0; start < 64; start++)
        {
            for (int length = 0; length <= 300; length++)
                Assert.Equal(Defined(bytes.AsSpan(start, length), 0), GuestCopy.Sum(bytes.AsSpan(start, length), 0));
        }
    }

    /// <summary>Nothing but ones: every addition of two words carries.</summary>
    [Theory]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    [InlineData((8 << 20) + 1)]
    public void Carries_are_never_lost(int length)
    {
        byte[] ones = new byte[length];
        ones.AsSpan().Fill(0xFF);
        Assert.Equal(Defined(ones, 0xFFFF), GuestCopy.Sum(ones, 0xFFFF));
        Assert.Equal(Defined(ones.AsSpan(1), 1), GuestCopy.Sum(ones.AsSpan(1), 1));
    }

    [Fact]
    public void One_piece_is_summed_as_defined() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        byte[] bytes = Bytes(random, RandomLength(random));
        Span<byte> part = bytes.AsSpan(random.Next(Math.Min(64, bytes.Length + 1)));
        ushort start = (ushort)random.Next(1 << 16);
        return Defined(part, start) == GuestCopy.Sum(part, start);
    }).Check(Tests);

    [Fact]
    public void Scattered_pieces_are_summed_as_if_they_were_one() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        byte[] bytes = Bytes(random, RandomLength(random));
        Segment[] pieces = Scatter(random, bytes, out ScratchMemory memory);
        int from = random.Next(bytes.Length + 1);
        int length = random.Next(bytes.Length - from + 1);
        ushort start = (ushort)random.Next(1 << 16);
        bool isRight = Defined(bytes.AsSpan(from, length), start) == GuestCopy.Sum(pieces, from, length, start);
        GC.KeepAlive(memory);
        return isRight;
    }).Check(Tests);

    [Fact]
    public void A_frame_is_summed_across_its_head_and_its_pieces() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var batch = new FrameBatch();
        byte[] bytes = Bytes(random, 14 + random.Next(3000));
        Segment[] pieces = Scatter(random, bytes, out ScratchMemory memory);
        Assert.True(batch.TryAdd(pieces, 0, bytes.Length, default));
        int from = random.Next(bytes.Length + 1);
        int length = random.Next(bytes.Length - from + 1);
        bool isRight = Defined(bytes.AsSpan(from, length), 0) == batch.Sum(0, from, length);
        GC.KeepAlive(memory);
        return isRight;
    }).Check(Tests);

    private static int RandomLength(Random random) => random.Next(4) == 0 ? random.Next(Largest) : random.Next(600);

    /// <summary>Random ones, or such that carry mostly.</summary>
    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        if (random.Next(3) == 0)
        {
            for (int i = 0; i < length; i++)
                bytes[i] |= 0xFC;
        }

        return bytes;
    }

    /// <summary>The bytes cut anywhere, pieces without a byte among them, each with a gap in front.</summary>
    private static Segment[] Scatter(Random random, byte[] bytes, out ScratchMemory memory)
    {
        const int MostPieces = 12;
        const int LargestGap = 70;
        memory = new ScratchMemory(bytes.Length + (MostPieces * LargestGap));
        int[] cuts = [0, .. Enumerable.Range(0, random.Next(MostPieces)).Select(_ => random.Next(bytes.Length + 1)).Order(), bytes.Length];
        var pieces = new Segment[cuts.Length - 1];
        int at = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            ReadOnlySpan<byte> piece = bytes.AsSpan(cuts[i]..cuts[i + 1]);
            at += random.Next(LargestGap);
            piece.CopyTo(memory.Span[at..]);
            pieces[i] = memory.Segment(at, piece.Length);
            at += piece.Length;
        }

        return pieces;
    }

    private static ushort Defined(ReadOnlySpan<byte> bytes, ushort start)
    {
        int sum = TestPacket.Sum(bytes) + start;
        return (ushort)(sum > 0xFFFF ? sum - 0xFFFF : sum);
    }
}
