using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>What holds for both kinds of rings.</summary>
public sealed class RingTests
{
    private const RingFeatures Split = RingFeatures.None;
    private const RingFeatures Packed = RingFeatures.Packed;

    [Theory]
    [InlineData(Split, 1)]
    [InlineData(Split, 2)]
    [InlineData(Split, 32768)]
    [InlineData(Packed, 1)]
    [InlineData(Packed, 2)]
    [InlineData(Packed, 32768)]
    public void V031_Smallest_and_largest_sizes_work(RingFeatures features, int size)
    {
        using var ring = new RingSetup(size, features, memoryLength: 4 << 20, chainCapacity: size, segmentCapacity: size);
        for (int lap = 0; lap < 5; lap++)
        {
            for (int i = 0; i < size; i++)
                Assert.True(ring.Offer(i));
            Assert.False(ring.Offer(0));

            Assert.Equal(size, ring.Use(size));
            Assert.Equal(0, ring.Use(size));
            Assert.Equal(Enumerable.Range(0, size), ring.Collect().Select(used => (int)used.Token));
        }
    }

    /// <summary>As DMA_UNMAP or REM_MEM_REG comes: the map goes while a burst is under way, the memory only when that is over.</summary>
    [Theory]
    [InlineData(Split, 8)]
    [InlineData(Packed, 8)]
    [InlineData(Split, 32768)]
    [InlineData(Packed, 32768)]
    public void A_burst_that_began_before_its_ring_was_unmapped_completes_in_the_memory_it_began_with(RingFeatures features, int size)
    {
        using var ring = new RingSetup(size, features, memoryLength: 4 << 20);
        ring.Driver.Add([new DriverBuffer(ring.Buffers, 64, 1), new DriverBuffer(ring.Buffers, 64, 2)], isWritable: true);
        ring.Driver.Publish();
        Assert.Equal(1, ring.Device.Take(ring.Batch, 1));
        int takenLate = -1;
        ring.Quiescence.Waiting = () =>
        {
            takenLate = ring.Device.Take(ring.Batch, 1);
            ring.Device.Complete(ring.Batch, 0, [9]);
            ring.Device.Publish();
        };

        Assert.Equal(DmaMapStatus.Ok, ring.Domain.Unmap(ring.Memory.Iova, (ulong)ring.Memory.Length, out _));
        Assert.Equal(0, takenLate);
        Assert.False(ring.Device.NeedsInterrupt());
        Assert.Equal([new UsedBuffer(1, 9)], ring.Collect());

        ring.Domain.Map(ring.Memory.Iova, (ulong)ring.Memory.Length, DmaAccess.Read | DmaAccess.Write, ring.Memory.Host, 0);
        Assert.Equal(1, ring.Use(1, written: 7));
        Assert.Equal([new UsedBuffer(2, 7)], ring.Collect());
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V036_Used_length_is_what_was_written(RingFeatures features)
    {
        using var ring = new RingSetup(8, features);
        ring.Driver.TryAddChain([new(ring.Buffers, 10)], [new(ring.Buffers + 64, 100)], token: 1);
        ring.Driver.Publish();
        ring.Use(1, written: 77);
        ring.Offer(2);
        ring.Use(1, written: 0);

        Assert.Equal([new UsedBuffer(1, 77), new UsedBuffer(2, 0)], ring.Collect());
    }

    [Theory]
    [InlineData(Split | RingFeatures.InOrder)]
    [InlineData(Packed | RingFeatures.InOrder)]
    public void V039_In_order_used_order_is_available_order(RingFeatures features)
    {
        using var ring = new RingSetup(8, features);
        int next = 0;
        for (int lap = 0; lap < 20; lap++)
        {
            int first = next;
            while (ring.Offer(next & 0xFFFF))
                next++;
            while (ring.Use(3) != 0)
            {
            }

            Assert.Equal(Enumerable.Range(first, next - first), ring.Collect().Select(used => (int)used.Token));
        }
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Rewound_chains_come_again(RingFeatures features)
    {
        using var ring = new RingSetup(features == Split ? 4 : 5, features);
        for (int lap = 0; lap < 10; lap++)
        {
            for (int i = 0; i < 3; i++)
                ring.Offer(i);
            ring.Batch.Clear();
            Assert.Equal(3, ring.Device.Take(ring.Batch, 8));
            ring.Device.Rewind(ring.Batch, 1);
            Assert.Equal(1, ring.Batch.Count);
            Assert.Equal(2, ring.Device.Take(ring.Batch, 8));
            ring.Device.Complete(ring.Batch, 0, [0, 0, 0]);
            ring.Device.Publish();

            Assert.Equal([0, 1, 2], ring.Collect().Select(used => (int)used.Token));
        }
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Unmapped_ring_waits_and_goes_on(RingFeatures features)
    {
        using var ring = new RingSetup(8, features);
        ring.Offer(1);
        ring.Domain.Unmap(ring.Memory.Iova, (ulong)ring.Memory.Length, out _);
        ring.Batch.Clear();

        Assert.Equal(0, ring.Device.Take(ring.Batch, 8));
        Assert.True(ring.Device.IsEmpty);
        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
        ring.Domain.Map(ring.Memory.Iova, (ulong)ring.Memory.Length, DmaAccess.Read | DmaAccess.Write, ring.Memory.Host, 0);
        Assert.Equal(1, ring.Use(8));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Interrupt_decided_after_an_unmap_touches_no_memory(RingFeatures features)
    {
        using var ring = new RingSetup(8, features);
        ring.Offer(1);
        ring.Use(1);
        ring.Domain.Unmap(ring.Memory.Iova, (ulong)ring.Memory.Length, out _);

        Assert.False(ring.Device.NeedsInterrupt());
        ring.Domain.Map(ring.Memory.Iova, (ulong)ring.Memory.Length, DmaAccess.Read | DmaAccess.Write, ring.Memory.Host, 0);
        Assert.True(ring.Device.NeedsInterrupt());
    }

    /// <summary>Coalescing decides on one interrupt for many bursts: more than a lap, and with a split ring more than its index counts.</summary>
    [Theory]
    [InlineData(Split, 4, 6)]
    [InlineData(Split, 4, 65535)]
    [InlineData(Packed, 5, 7)]
    [InlineData(Packed, 5, 9)]
    [InlineData(Packed, 5, 12)]
    public void Interrupt_is_not_lost_when_decided_after_more_than_a_lap(RingFeatures features, int size, int before)
    {
        using var ring = new RingSetup(size, features | RingFeatures.EventIndex);
        ring.Driver.SuppressInterrupts();
        for (int i = 0; i < before; i++)
        {
            ring.Offer(0);
            ring.Use(1);
            ring.Collect();
        }

        Assert.False(ring.Driver.ArmInterrupts());
        ring.Offer(0);
        ring.Use(1);
        Assert.True(ring.Device.NeedsInterrupt());
        Assert.False(ring.Device.NeedsInterrupt());
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Suppressed_kicks_are_asked_for_again(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        ring.Device.SuppressKicks();
        ring.Offer(1);
        Assert.False(ring.Driver.NeedsKick());
        Assert.True(ring.Device.ArmKicks());
        ring.Use(1);
        Assert.False(ring.Device.ArmKicks());
        ring.Offer(1);
        Assert.True(ring.Driver.NeedsKick());
        Assert.False(ring.Driver.NeedsKick());
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void With_event_index_one_kick_is_asked_for_at_the_position(RingFeatures features)
    {
        using var ring = new RingSetup(4, features | RingFeatures.EventIndex);
        for (int i = 0; i < 50; i++)
        {
            Assert.False(ring.Device.ArmKicks());
            ring.Offer(1);
            Assert.True(ring.Driver.NeedsKick());
            ring.Offer(2);
            Assert.False(ring.Driver.NeedsKick());
            ring.Use(2);
            ring.Collect();
        }
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Without_bus_mastering_nothing_is_taken(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        ring.Offer(1);
        ring.Domain.BusMasterEnable = false;
        Assert.Equal(0, ring.Use(4));
        Assert.Equal(0, ring.Faults.Total);
        ring.Domain.BusMasterEnable = true;
        Assert.Equal(1, ring.Use(4));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Another_queue_goes_on_from_the_cursor(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        var layout = new VirtqueueLayout(4, ring.Driver.DescriptorArea, ring.Driver.DriverArea, ring.Driver.DeviceArea);
        for (int i = 0; i < 11; i++)
        {
            ring.Offer(i);
            Virtqueue next = Virtqueue.TryCreate(ring.Domain, layout, features, ref ring.Cursor)!;
            ring.Batch.Clear();
            Assert.Equal(1, next.Take(ring.Batch, 4));
            next.Complete(ring.Batch, 0, [0]);
            next.Publish();
            Assert.Equal(i, Assert.Single(ring.Collect()).Token);
        }
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Steady_state_allocates_nothing(RingFeatures features)
    {
        using var ring = new RingSetup(64, features | RingFeatures.EventIndex | RingFeatures.IndirectDescriptors);
        var used = new UsedBuffer[64];
        var written = new uint[64];
        DriverBuffer[] chain = [new(ring.Buffers, 12), new(ring.Buffers + 64, 1500)];
        int collected = 0;
        Run(5);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(500);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(505 * 4, collected);

        void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                ring.Driver.Add(chain, isWritable: true);
                ring.Driver.TryAddChain(chain, chain, 1);
                ring.Driver.TryAddIndirect(chain, [], 1);
                ring.Driver.Publish();
                ring.Driver.NeedsKick();
                ring.Batch.Clear();
                int count = ring.Device.Take(ring.Batch, 64);
                ring.Device.Complete(ring.Batch, 0, written.AsSpan(0, count));
                ring.Device.Publish();
                ring.Device.NeedsInterrupt();
                collected += ring.Driver.Collect(used);
                ring.Device.ArmKicks();
                ring.Device.SuppressKicks();
            }
        }
    }
}
