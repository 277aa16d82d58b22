using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>
/// Queues that use messages, or are behind an IOMMU, against those that map the ring: the same memory, the same chains, the same faults.
/// </summary>
public class MessageVirtqueueTests
{
    private const int RingSize = 16;
    private const int MemorySize = 1 << 16;
    private const ulong Iova = 0x10_0000;

    [Fact]
    public void All_kinds_of_queue_agree_on_any_ring() =>
        Prop.ForAll<int>(seed => Agree(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void What_was_taken_and_not_used_is_taken_again()
    {
        using var memory = new NativeHostMemory(MemorySize);
        DmaDomain domain = DomainOf(memory);
        Scribble(new Random(1), memory.Bytes, packed: false, isWild: false);
        using StatePage<VirtqueueCursor> page = new NativeStateStore().Create<VirtqueueCursor>("queue");
        page.Value = VirtqueueCursor.AtEnable;
        Virtqueue first = ByMessages(domain, RingFeatures.None, ref page.Value);
        var batch = new ChainBatch(32, 256);
        int taken = first.Take(batch, 32);
        Assert.True(taken > 1);
        first.Rewind(batch, 1);
        first.Complete(batch, 0, [0]);
        batch.Clear();
        Virtqueue second = ByMessages(domain, RingFeatures.None, ref page.Value);
        Assert.Equal(taken, second.Take(batch, 32));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ring_that_is_unmapped_under_a_burst_waits_and_nobody_is_at_fault(bool isTaking)
    {
        using var memory = new NativeHostMemory(MemorySize);
        DmaDomain domain = DomainOf(memory);
        Scribble(new Random(1), memory.Bytes, packed: false, isWild: false);
        using StatePage<VirtqueueCursor> page = new NativeStateStore().Create<VirtqueueCursor>("queue");
        page.Value = VirtqueueCursor.AtEnable;
        Virtqueue ring = ByMessages(domain, RingFeatures.None, ref page.Value);
        var batch = new ChainBatch(32, 256);
        Assert.True(ring.Take(batch, 1) == 1);
        ushort used = page.Value.NextUsed;

        Assert.Equal(DmaMapStatus.Ok, domain.Unmap(Iova, MemorySize, out _));
        if (isTaking)
            Assert.Equal(0, ring.Take(batch, 1));
        ring.Complete(batch, 0, [0]);
        ring.Publish();
        for (int i = 0; i < 5; i++)
            ring.Retry();
        Assert.True(ring.IsStalled);
        Assert.Equal((0L, VirtqueueFault.None, used), (domain.Faults.Total, ring.Fault, page.Value.NextUsed));

        Assert.Equal(DmaMapStatus.Ok, domain.Map(Iova, MemorySize, DmaAccess.Read | DmaAccess.Write, memory, 0));
        ring.Retry();
        Assert.False(ring.IsStalled);
        Assert.Equal((ushort)(used + 1), page.Value.NextUsed);
    }

    private static VirtqueueLayout Layout => new(RingSize, Iova, Iova + 0x1000, Iova + 0x2000);

    private static bool Agree(Random random)
    {
        bool packed = random.Next(2) == 0;
        RingFeatures features = (packed ? RingFeatures.Packed : 0) | (random.Next(2) == 0 ? RingFeatures.IndirectDescriptors : 0);
        using var memory = new NativeHostMemory(MemorySize);
        using var twin = new NativeHostMemory(MemorySize);
        Scribble(random, memory.Bytes, packed, isWild: random.Next(2) == 0);
        memory.Bytes.CopyTo(twin.Bytes);
        using StatePage<VirtqueueCursor> page = new NativeStateStore().Create<VirtqueueCursor>("queue");
        using StatePage<VirtqueueCursor> twinPage = new NativeStateStore().Create<VirtqueueCursor>("queue");
        page.Value = twinPage.Value = VirtqueueCursor.AtEnable;
        Virtqueue mapped = Virtqueue.TryCreate(DomainOf(memory), Layout, features, ref page.Value)!;
        Iommu? iommu = random.Next(2) == 0 ? null : new Iommu(twin);
        DmaDomain domain = iommu?.Domain ?? DomainOf(twin);
        Virtqueue copy = iommu is not null && random.Next(2) == 0
            ? Virtqueue.TryCreate(domain, Layout, features, ref twinPage.Value)!
            : ByMessages(domain, features, ref twinPage.Value);
        for (int round = 0; round < 4; round++)
        {
            var one = new ChainBatch(8, 256);
            var other = new ChainBatch(8, 256);
            int count = mapped.Take(one, 8);
            Assert.Equal(count, iommu is null ? copy.Take(other, 8) : iommu.Take(copy, other, 8));
            if (mapped.Fault == VirtqueueFault.BadAddress && iommu is { HasRefused: true })
                return true; // it waits for what will never be translated
            Assert.Equal(mapped.Fault, copy.Fault);
            for (int i = 0; i < count; i++)
                AssertSame(one, other, i);
            int kept = random.Next(count + 1);
            if (kept < count)
            {
                mapped.Rewind(one, kept);
                copy.Rewind(other, kept);
            }

            Finish(mapped, one, kept, round);
            Finish(copy, other, kept, round);
            Assert.Equal(page.Value.NextUsed, twinPage.Value.NextUsed);
            Assert.Equal(page.Value.NextAvailable, twinPage.Value.NextAvailable);
            Assert.True(memory.Bytes.SequenceEqual(twin.Bytes), "the driver sees the same");
        }

        return true;
    }

    /// <summary>Writes into each writable part and hands the chains back.</summary>
    private static void Finish(Virtqueue queue, ChainBatch batch, int count, int round)
    {
        var written = new uint[count];
        for (int i = 0; i < count; i++)
        {
            byte[] data = new byte[Math.Min(batch[i].WritableLength, 300)];
            data.AsSpan().Fill((byte)(0x80 + round));
            GuestCopy.Scatter(data, batch.Writable(i), 0);
            written[i] = (uint)data.Length;
        }

        if (count > 0)
            queue.Complete(batch, 0, written);
        queue.Publish();
    }

    private static void AssertSame(ChainBatch one, ChainBatch other, int index)
    {
        Chain expected = one[index];
        Chain actual = other[index];
        Assert.Equal(
            (expected.Id, expected.SlotCount, expected.ReadableLength, expected.WritableLength),
            (actual.Id, actual.SlotCount, actual.ReadableLength, actual.WritableLength));
        byte[] left = new byte[expected.ReadableLength];
        byte[] right = new byte[expected.ReadableLength];
        GuestCopy.Gather(one.Readable(index), 0, left);
        GuestCopy.Gather(other.Readable(index), 0, right);
        Assert.Equal(left, right);
    }

    private static Virtqueue ByMessages(DmaDomain domain, RingFeatures features, ref VirtqueueCursor cursor) =>
        Virtqueue.TryCreateByMessages(domain, Layout, features, ref cursor, new ScratchMemory(Virtqueue.BounceLength))!;

    private static DmaDomain DomainOf(NativeHostMemory memory)
    {
        var domain = new DmaDomain(new NoPollers(), new DmaFaultLog(8)) { BusMasterEnable = true };
        Assert.Equal(DmaMapStatus.Ok, domain.Map(Iova, MemorySize, DmaAccess.Read | DmaAccess.Write, memory, 0));
        return domain;
    }

    /// <summary>An IOMMU that answers what is in the memory, page by page.</summary>
    private sealed class Iommu : ITranslationSource
    {
        private const ulong Page = 4096;

        private readonly NativeHostMemory _memory;
        private readonly Queue<ulong> _asked = new();

        public Iommu(NativeHostMemory memory)
        {
            _memory = memory;
            Domain = new DmaDomain(new NoPollers(), new DmaFaultLog(8)) { BusMasterEnable = true };
            Domain.Translate(this, new DmaDomain(new NoPollers(), new DmaFaultLog(8)));
            for (ulong page = Iova; page < Iova + 0x4000; page += Page)
                Answer(page);
        }

        public DmaDomain Domain { get; }

        /// <summary>Asked for something that is not there.</summary>
        public bool HasRefused { get; private set; }

        public void Ask(ulong iova, DmaAccess access) => _asked.Enqueue(iova & ~(Page - 1));

        /// <summary>Takes, answers what that asks for, and takes again.</summary>
        public int Take(Virtqueue queue, ChainBatch batch, int maximum)
        {
            int taken = queue.Take(batch, maximum);
            while (_asked.TryDequeue(out ulong page))
            {
                if (!Answer(page))
                    continue;
                queue.Retry();
                taken += queue.Take(batch, maximum - taken);
            }

            return taken;
        }

        private bool Answer(ulong page)
        {
            bool isThere = page - Iova < MemorySize;
            HasRefused |= !isThere;
            if (isThere)
                Domain.Cache(page, Page, DmaAccess.Read | DmaAccess.Write, _memory, page - Iova);
            return isThere;
        }
    }

    /// <summary>A ring of random chains, readable parts first unless it is wild; buffers lie apart from the ring and from each other.</summary>
    private static void Scribble(Random random, Span<byte> memory, bool packed, bool isWild)
    {
        random.NextBytes(memory[0x4000..]);
        Span<RingDescriptor> ring = MemoryMarshal.Cast<byte, RingDescriptor>(memory[..(RingSize * RingDescriptor.Size)]);
        for (int i = 0; i < RingSize; i++)
            ring[i] = Descriptor(random, i, packed, isWild);
        Span<ushort> available = MemoryMarshal.Cast<byte, ushort>(memory.Slice(0x1000, 6 + (2 * RingSize)));
        available[1] = (ushort)(isWild && random.Next(8) == 0 ? random.Next(65536) : random.Next(2, RingSize + 1));
        for (int i = 0; i < RingSize; i++)
            available[2 + i] = (ushort)(isWild && random.Next(16) == 0 ? random.Next(65536) : i);
        if (packed)
            available.Clear();
    }

    private static RingDescriptor Descriptor(Random random, int index, bool packed, bool isWild)
    {
        bool isOdd = isWild && random.Next(10) == 0;
        int flags = random.Next(3) == 0 ? RingDescriptor.Write : 0;
        flags |= isWild && random.Next(4) == 0 ? RingDescriptor.Next : 0;
        flags |= isWild && random.Next(8) == 0 ? RingDescriptor.Indirect : 0;
        ulong address = isOdd ? (ulong)random.NextInt64() : Iova + 0x4000 + (ulong)(index * 0x800);
        uint length = isOdd ? (uint)random.Next() : (uint)random.Next(isWild ? 0 : 1, 0x400);
        if ((flags & RingDescriptor.Indirect) != 0 && random.Next(2) == 0)
            length = (length & 7) * RingDescriptor.Size;
        ushort other = (ushort)(isOdd ? random.Next(65536) : random.Next(RingSize));
        return packed
            ? new RingDescriptor { Address = address, Length = length, PackedId = other, PackedFlags = (ushort)(flags | RingDescriptor.Available) }
            : new RingDescriptor { Address = address, Length = length, SplitFlags = (ushort)flags, SplitNext = other };
    }
}
