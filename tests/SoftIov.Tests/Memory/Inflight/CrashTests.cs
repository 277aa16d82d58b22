using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>A device that dies after any of its stores: the next one loses no buffer and uses none twice.</summary>
public sealed class CrashTests
{
    private const int Size = 8;
    private const int HeaderWords = 4;
    private static readonly int[] Chains = [2, 1, 3, 1];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void V097_whenever_the_back_end_dies_all_buffers_come_back_once(bool isPacked, bool isDriverQuick)
    {
        for (int start = 0; start < 2 * Size; start++)
        {
            List<(byte[] Memory, byte[] Region)> crashes = Crashes(isPacked, start);
            Assert.True(crashes.Count > Chains.Length);
            foreach ((byte[] Memory, byte[] Region) crash in crashes)
                DieAndGoOn(isPacked, start, crash, isDriverQuick);
        }
    }

    [Fact]
    public void A_ring_that_is_full_is_one_burst_too()
    {
        using var setup = new CrashSetup(Size, isPacked: true);
        Virtqueue device = setup.Start()!;
        for (int i = 0; i < Size; i++)
            setup.Offer(i, 1);
        device.Take(setup.Batch, Size);
        device.Complete(setup.Batch, 0, new uint[Size]);
        ((PackedInflight)setup.Region!).Submit(setup.Cursor.NextUsed, setup.Cursor.UsedWrap);

        Assert.Equal(Size, setup.Use(setup.Start()!));
        Assert.Equal(Enumerable.Range(0, Size), setup.Collect());

        for (int i = 0; i < Size; i++)
            setup.Offer(i, 1);
        device = setup.Start()!;
        setup.Batch.Clear();
        device.Take(setup.Batch, Size);
        device.Complete(setup.Batch, 0, new uint[Size]);
        var region = (PackedInflight)setup.Region!;
        region.Submit(setup.Cursor.NextUsed, setup.Cursor.UsedWrap);
        byte[] submitted = setup.RegionBytes.Bytes.ToArray();
        device.Publish();
        submitted.CopyTo(setup.RegionBytes.Bytes);
        Assert.Equal(0, setup.Use(setup.Start()!));
        Assert.Equal(Enumerable.Range(0, Size), setup.Collect());
    }

    [Fact]
    public void Telling_what_is_in_flight_allocates_nothing()
    {
        using var setup = new CrashSetup(Size, isPacked: true);
        Virtqueue device = setup.Start()!;
        uint[] written = new uint[Size];
        for (int round = 0; round < 200; round++)
        {
            setup.Offer(round, 2);
            long start = GC.GetAllocatedBytesForCurrentThread();
            setup.Batch.Clear();
            int taken = device.Take(setup.Batch, Size);
            device.Complete(setup.Batch, 0, written.AsSpan(0, taken));
            device.Publish();
            if (round > 100)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - start);
            Assert.Single(setup.Collect());
        }
    }

    private static void DieAndGoOn(bool isPacked, int start, (byte[] Memory, byte[] Region) crash, bool isDriverQuick)
    {
        using CrashSetup setup = Begun(isPacked, start, out Virtqueue _);
        setup.Restore(crash);
        List<int> back = isDriverQuick ? [.. setup.Collect()] : [];
        if (back.Count != 0)
            setup.Offer(100, 1); // in a slot that the burst had

        Virtqueue device = setup.Start()!;
        Assert.NotNull(device);
        setup.Use(device);
        back.AddRange(setup.Collect());
        int[] expected = [.. Enumerable.Range(0, Chains.Length), .. Enumerable.Repeat(100, back.Count > Chains.Length ? 1 : 0)];
        Assert.Equal(expected, back);
        for (int i = 0; i < 3 * Size; i++)
        {
            setup.Offer(i, 1 + (i % 3));
            Assert.Equal(1, setup.Use(device));
            Assert.Equal([i], setup.Collect());
        }
    }

    /// <summary>A device that stands at <paramref name="start"/>, with chains for it.</summary>
    private static CrashSetup Begun(bool isPacked, int start, out Virtqueue device)
    {
        var setup = new CrashSetup(Size, isPacked);
        device = setup.Start()!;
        for (int i = 0; i < start; i++)
        {
            setup.Offer(i, 1);
            setup.Use(device);
            setup.Collect();
        }

        for (int i = 0; i < Chains.Length; i++)
            setup.Offer(i, Chains[i]);
        setup.Batch.Clear();
        return setup;
    }

    /// <summary>All that memory holds while a burst is used, store by store.</summary>
    private static List<(byte[] Memory, byte[] Region)> Crashes(bool isPacked, int start)
    {
        using CrashSetup setup = Begun(isPacked, start, out Virtqueue device);
        List<(byte[] Memory, byte[] Region)> steps = [setup.Image()];
        device.Take(setup.Batch, 64);
        for (int chain = 0; chain < Chains.Length; chain++)
        {
            device.Complete(setup.Batch, chain, [0]);
            steps.Add(setup.Image());
        }

        (byte[] Memory, byte[] Region) before = steps[0];
        (byte[] Memory, byte[] Region) completed = steps[^1];
        (setup.Region as PackedInflight)?.Submit(setup.Cursor.NextUsed, setup.Cursor.UsedWrap);
        (byte[] Memory, byte[] Region) submitted = setup.Image();
        device.Publish();
        (byte[] Memory, byte[] Region) published = setup.Image();
        return
        [
            before,
            .. steps.Zip(steps.Skip(1), OneByOne).SelectMany(static images => images),
            .. steps.Zip(steps.Skip(1), (from, to) => Kept(from, to, before.Memory)).SelectMany(static images => images),
            .. CrashSetup.Between(before.Memory, completed.Memory, InPlace).Select(memory => (memory, completed.Region)),
            .. CrashSetup.Between(completed.Region, submitted.Region, InPlace).Select(region => (submitted.Memory, region)),
            .. CrashSetup.Between(submitted.Memory, published.Memory, InPlace).Select(memory => (memory, submitted.Region)),
            .. CrashSetup.Between(submitted.Region, published.Region, MarksFirst).Select(region => (published.Memory, region)),
        ];
    }

    /// <summary>A chain is kept, and completed at once.</summary>
    private static IEnumerable<(byte[] Memory, byte[] Region)> OneByOne((byte[] Memory, byte[] Region) from, (byte[] Memory, byte[] Region) to) =>
        Kept(from, to, from.Memory).Concat(CrashSetup.Between(from.Memory, to.Memory, InPlace).Select(memory => (memory, to.Region)));

    /// <summary>A chain is kept, and completed when all are.</summary>
    private static IEnumerable<(byte[] Memory, byte[] Region)> Kept(
        (byte[] Memory, byte[] Region) from, (byte[] Memory, byte[] Region) to, byte[] memory) =>
        CrashSetup.Between(from.Region, to.Region, ContentsFirst).Select(region => (memory, region));

    private static int InPlace(int word) => word;

    /// <summary>Descriptors, then marks, then the list of free entries.</summary>
    private static int ContentsFirst(int word) => word < HeaderWords ? 3000 + word : word % HeaderWords == 0 ? 2000 + word : word;

    private static int MarksFirst(int word) => word < HeaderWords ? 3000 + word : word;
}
