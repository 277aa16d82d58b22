using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>The device's side of packed rings (virtio 1.4, 2.8).</summary>
public sealed class PackedVirtqueueTests
{
    private const ushort WrapBit = 1 << 15;

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1000)]
    public void V040_Sizes_need_no_power_of_two_and_counters_start_at_1(int size)
    {
        using var ring = new RingSetup(size, RingFeatures.Packed, chainCapacity: size, segmentCapacity: size);
        Assert.Equal((1, 1), (ring.Cursor.AvailableWrap, ring.Cursor.UsedWrap));
        int next = 0;
        for (int lap = 0; lap < 12; lap++)
        {
            int first = next;
            int burst = 1 + (lap * 7 % size);
            for (int i = 0; i < burst; i++)
                ring.Offer(next++);
            Assert.Equal(burst, ring.Use(size));
            Assert.Equal(Enumerable.Range(first, burst), ring.Collect().Select(used => (int)used.Token));
        }
    }

    [Theory]
    [InlineData(5, 4, 4, 1, 1, true)]
    [InlineData(5, 1, 4, 0, 1, true)]
    [InlineData(5, 4, 4, 0, 1, true)]
    [InlineData(5, 5, 4, 1, 1, false)]
    [InlineData(5, 4, 5, 0, 1, false)]
    [InlineData(5, 0x7FFF, 0x7FFF, 1, 1, false)]
    [InlineData(5, 2, 4, 1, 1, false)] // used before it was taken
    [InlineData(5, 4, 2, 0, 1, false)] // more taken than there is
    [InlineData(5, 0, 0, 2, 2, false)]
    public void A_ring_that_would_stand_outside_itself_is_none(int size, int available, int used, byte availableWrap, byte usedWrap, bool isRing)
    {
        using var ring = new RingSetup(size, RingFeatures.Packed);
        VirtqueueLayout layout = new((ushort)size, ring.Driver.DescriptorArea, ring.Driver.DriverArea, ring.Driver.DeviceArea);
        ring.Cursor = new VirtqueueCursor
        {
            NextAvailable = (ushort)available, NextUsed = (ushort)used, AvailableWrap = availableWrap, UsedWrap = usedWrap,
        };
        Assert.Equal(isRing, Virtqueue.TryCreate(ring.Domain, layout, RingFeatures.Packed, ref ring.Cursor) is not null);

        // By messages what was not used is taken again, so the place of the used side is all that counts.
        var bounce = new ScratchMemory(Virtqueue.BounceLength);
        Virtqueue? byMessages = Virtqueue.TryCreateByMessages(ring.Domain, layout, RingFeatures.Packed, ref ring.Cursor, bounce);
        Assert.Equal(used < size && usedWrap <= 1, byMessages is not null);
    }

    [Fact]
    public void V041_Chain_crosses_the_end_and_its_slots_are_skipped()
    {
        using var ring = new RingSetup(5, RingFeatures.Packed);
        for (int i = 0; i < 40; i++)
        {
            Assert.True(ring.Driver.TryAddChain([new(ring.Buffers, 3), new(ring.Buffers, 4)], [new(ring.Buffers + 64, 5)], (ushort)i));
            ring.Driver.Publish();
            Assert.Equal(1, ring.Use(5, written: 2));
            Assert.Equal((3, 2, 1, 7u, 5u), Shape(ring.Batch[0]));
            Assert.Equal(new UsedBuffer((ushort)i, 2), Assert.Single(ring.Collect()));
            Assert.Equal(ring.Packed.NextAvailable, ring.Cursor.NextUsed);
        }
    }

    [Fact]
    public void V041_Id_is_that_of_the_last_descriptor()
    {
        using var ring = new RingSetup(5, RingFeatures.Packed);
        ushort flags = ring.Packed.WithWrap(DriverDescriptor.Next);
        ring.Driver.Descriptors[0] = new(ring.Buffers, 8, 77, flags);
        ring.Driver.Descriptors[1] = new(ring.Buffers, 8, 3, ring.Packed.WithWrap(0));
        Assert.Equal(VirtqueueFault.None, ring.TakeFault());
        Assert.Equal(3, ring.Batch[0].Id);
    }

    [Fact]
    public void V042_Indirect_chain_counts_one_slot()
    {
        using var ring = new RingSetup(5, RingFeatures.Packed | RingFeatures.IndirectDescriptors);
        for (int i = 0; i < 20; i++)
        {
            ring.Driver.TryAddIndirect([new(ring.Buffers, 3), new(ring.Buffers, 4)], [new(ring.Buffers + 64, 5)], (ushort)i);
            ring.Driver.Publish();
            Assert.Equal(1, ring.Use(5, written: 4));
            Assert.Equal((1, 2, 1, 7u, 5u), Shape(ring.Batch[0]));
            Assert.Equal(new UsedBuffer((ushort)i, 4), Assert.Single(ring.Collect()));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void V043_Event_flags_enable_and_disable(ushort flags, bool expected)
    {
        using var ring = new RingSetup(5, RingFeatures.Packed | RingFeatures.EventIndex);
        ring.Packed.DriverEvent[1] = flags;
        Assert.False(ring.Device.NeedsInterrupt());
        ring.Offer(1);
        ring.Use(1);
        Assert.Equal(expected, ring.Device.NeedsInterrupt());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public void V043_Event_position_is_compared_over_the_wrap(int size)
    {
        using var ring = new RingSetup(size, RingFeatures.Packed | RingFeatures.EventIndex);
        for (int before = size; before < 3 * size; before++)
        {
            for (int now = before; now <= before + size; now++)
            {
                // A driver can only ask for a position between the oldest entry it has not seen and the next one.
                for (int wanted = now - size; wanted <= now; wanted++)
                {
                    ring.Cursor.SignalledUsed = (ushort)((before % size) | (WrapOf(before, size) ? 0 : WrapBit));
                    ring.Cursor.NextUsed = (ushort)(now % size);
                    ring.Cursor.UsedWrap = (byte)(WrapOf(now, size) ? 1 : 0);
                    ring.Packed.DriverEvent[0] = (ushort)((wanted % size) | (WrapOf(wanted, size) ? WrapBit : 0));
                    ring.Packed.DriverEvent[1] = 2;
                    Assert.Equal(wanted >= before && wanted < now, ring.Device.NeedsInterrupt());
                }
            }
        }
    }

    [Fact]
    public void V044_Completion_out_of_order_keeps_the_ring_consistent()
    {
        using var ring = new RingSetup(7, RingFeatures.Packed);
        var second = new ChainBatch(4, 16);
        for (int i = 0; i < 30; i++)
        {
            ring.Driver.TryAddChain([new(ring.Buffers, 1), new(ring.Buffers, 1), new(ring.Buffers, 1)], [], 10);
            ring.Driver.TryAddChain([new(ring.Buffers, 2)], [], 20);
            ring.Driver.Publish();
            ring.Batch.Clear();
            second.Clear();
            Assert.Equal(1, ring.Device.Take(ring.Batch, 1));
            Assert.Equal(1, ring.Device.Take(second, 1));
            ring.Device.Complete(second, 0, [0]);
            ring.Device.Publish();
            ring.Device.Complete(ring.Batch, 0, [0]);
            ring.Device.Publish();
            Assert.Equal([20, 10], ring.Collect().Select(used => (int)used.Token));
        }
    }

    [Fact]
    public void Entries_become_visible_at_once()
    {
        using var ring = new RingSetup(5, RingFeatures.Packed);
        ring.Offer(1);
        ring.Offer(2);
        ring.Batch.Clear();
        ring.Device.Take(ring.Batch, 5);
        ring.Device.Complete(ring.Batch, 0, [0, 0]);
        Assert.False(ring.Driver.HasUsed);
        ring.Device.Publish();
        Assert.Equal(2, ring.Collect().Length);
    }

    [Fact]
    public void Write_flag_of_a_used_entry_says_whether_its_length_counts()
    {
        using var ring = new RingSetup(5, RingFeatures.Packed);
        ring.Offer(1);
        ring.Use(1, written: 9);
        Assert.Equal(0, ring.Driver.Descriptors[0].High & DriverDescriptor.Write);
        ring.Driver.Add([new(ring.Buffers, 64)], isWritable: true);
        ring.Driver.Publish();
        ring.Use(1, written: 9);
        Assert.NotEqual(0, ring.Driver.Descriptors[1].High & DriverDescriptor.Write);
    }

    private static bool WrapOf(int position, int size) => position / size % 2 == 0;

    private static (int Slots, int Readable, int Writable, uint ReadableLength, uint WritableLength) Shape(in Chain chain) =>
        (chain.SlotCount, chain.ReadableCount, chain.WritableCount, chain.ReadableLength, chain.WritableLength);
}
