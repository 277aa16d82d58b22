using FsCheck;
using FsCheck.Fluent;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>The bounded store between a lane and the shared pollers, against a list.</summary>
public class FrameStoreTests
{
    /// <summary>Segments do not keep their memory alive.</summary>
    private readonly List<ScratchMemory> _memories = [];

    [Fact]
    public void Frames_come_out_whole_and_in_order() =>
        Prop.ForAll<int>(seed => IsQueue(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void It_holds_a_burst_as_long_as_it_says_so()
    {
        var store = new FrameStore();
        FrameBatch batch = BatchOf(new Random(1), [40_000, 40_000, 40_000, 40_000]);
        int bursts = 0;
        while (store.HasRoomForBurst)
        {
            Assert.Equal(FrameSet.First(4), store.Put(batch, FrameSet.First(4)));
            bursts++;
        }

        Assert.InRange(bursts, 3, 6);
        store.Clear();
        Assert.True(store.IsEmpty && store.HasRoomForBurst);
    }

    private bool IsQueue(Random random)
    {
        var store = new FrameStore();
        var model = new Queue<byte[]>();
        bool isLarge = random.Next(2) == 0;
        var taken = new FrameBatch();
        for (int step = 0; step < 60; step++)
        {
            _memories.Clear();
            int[] lengths = [.. Enumerable.Range(0, random.Next(1, isLarge ? 6 : 20)).Select(_ => random.Next(14, isLarge ? 65_000 : 1500))];
            FrameBatch batch = BatchOf(random, lengths);
            foreach (int i in store.Put(batch, FrameSet.First(batch.Count)))
                model.Enqueue(BytesOf(batch, i));
            int count = store.Take(taken, random.Next(1, FrameBatch.Capacity + 1));
            Assert.Equal(count, taken.Count);
            int removed = random.Next(count + 1);
            byte[][] expected = [.. model];
            for (int i = 0; i < count; i++)
                Assert.Equal(expected[i], BytesOf(taken, i));
            for (int i = 0; i < removed; i++)
                model.Dequeue();
            store.Remove(removed);
            taken.Clear();
            Assert.Equal(model.Count == 0, store.IsEmpty);
        }

        return true;
    }

    private FrameBatch BatchOf(Random random, int[] lengths)
    {
        var batch = new FrameBatch();
        foreach (int length in lengths)
        {
            var memory = new ScratchMemory(length);
            random.NextBytes(memory.Span);
            _memories.Add(memory);
            Assert.True(batch.TryAdd([memory.Segment(0, length)], 0, length, default));
        }

        return batch;
    }

    private static byte[] BytesOf(FrameBatch batch, int index)
    {
        byte[] bytes = new byte[batch[index].Length];
        batch.CopyTo(index, 0, bytes);
        return bytes;
    }
}
