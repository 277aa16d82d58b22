using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>The device's side of split rings (virtio 1.4, 2.7).</summary>
public sealed class SplitVirtqueueTests
{
    [Fact]
    public void V030_Index_wraps_from_65535_to_0()
    {
        using var ring = new RingSetup(8, RingFeatures.EventIndex);
        int next = 0;
        while (next < 66_000)
        {
            int first = next;
            for (int i = 0; i < 5; i++)
                ring.Offer(next++ & 0xFFFF);
            Assert.Equal(5, ring.Use(8));
            Assert.Equal(Enumerable.Range(first, 5).Select(i => i & 0xFFFF), ring.Collect().Select(used => (int)used.Token));
        }

        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
        Assert.Equal((ushort)next, ring.Split.UsedIndex);
    }

    [Fact]
    public void V034_Interrupt_formula_holds_at_the_wrap()
    {
        using var ring = new RingSetup(8, RingFeatures.EventIndex);
        for (int start = 65536 - 12; start < 65536 + 12; start++)
        {
            for (int count = 0; count <= 8; count++)
            {
                for (int wanted = start - 9; wanted <= start + 9; wanted++)
                {
                    ring.Cursor.SignalledUsed = (ushort)start;
                    ring.Cursor.NextUsed = (ushort)(start + count);
                    ring.Split.UsedEvent = (ushort)wanted;
                    Assert.Equal(wanted >= start && wanted < start + count, ring.Device.NeedsInterrupt());
                }
            }
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Interrupt_without_event_index_follows_the_flag(ushort flags, bool expected)
    {
        using var ring = new RingSetup(8, RingFeatures.None);
        ring.Split.AvailableFlags = flags;
        Assert.False(ring.Device.NeedsInterrupt());
        ring.Offer(1);
        ring.Use(1);
        Assert.Equal(expected, ring.Device.NeedsInterrupt());
    }

    [Fact]
    public void V037_Device_writes_neither_descriptors_nor_available_ring()
    {
        using var ring = new RingSetup(16, RingFeatures.EventIndex | RingFeatures.IndirectDescriptors);
        for (int i = 0; i < 40; i++)
        {
            ring.Driver.TryAddIndirect([new(ring.Buffers, 8)], [new(ring.Buffers + 64, 64)], 1);
            ring.Driver.TryAddChain([new(ring.Buffers, 8)], [new(ring.Buffers + 64, 64), new(ring.Buffers + 128, 64)], 2);
            ring.Driver.Publish();
            byte[] descriptors = ring.Memory.Span(ring.Driver.DescriptorArea, 16 * 16).ToArray();
            byte[] available = ring.Memory.Span(ring.Driver.DriverArea, 6 + (2 * 16)).ToArray();
            ring.Device.SuppressKicks();
            Assert.Equal(2, ring.Use(16, written: 64));
            ring.Device.NeedsInterrupt();
            ring.Device.ArmKicks();

            Assert.Equal(descriptors, ring.Memory.Span(ring.Driver.DescriptorArea, 16 * 16).ToArray());
            Assert.Equal(available, ring.Memory.Span(ring.Driver.DriverArea, 6 + (2 * 16)).ToArray());
            ring.Collect();
        }
    }

    [Fact]
    public void V038_Index_that_jumps_by_more_than_the_size_is_a_fault()
    {
        using var ring = new RingSetup(8, RingFeatures.None);
        ring.Split.AvailableIndex = 9;
        Assert.Equal(VirtqueueFault.IndexJump, ring.TakeFault());
        Assert.Equal(0, ring.Batch.Count);
    }

    [Fact]
    public void Index_that_goes_back_is_a_fault()
    {
        using var ring = new RingSetup(8, RingFeatures.None);
        ring.Offer(1);
        ring.Use(8);
        ring.Split.AvailableIndex = 0;
        Assert.Equal(VirtqueueFault.IndexJump, ring.TakeFault());
    }

    [Fact]
    public void Direct_descriptors_may_come_before_an_indirect_one()
    {
        using var ring = new RingSetup(8, RingFeatures.IndirectDescriptors);
        ulong table = ring.Memory.Allocate(32);
        ring.Memory.Span(table, 32).Clear();
        Write(ring, table, [new(ring.Buffers + 8, 8, DriverDescriptor.Next, 1), new(ring.Buffers + 64, 32, DriverDescriptor.Write, 0)]);
        ring.Split.Descriptors[0] = new(ring.Buffers, 8, DriverDescriptor.Next, 1);

        // WRITE on the descriptor that points to the table means nothing (virtio 1.4, 2.7.5.3.2).
        ring.Split.Descriptors[1] = new(table, 32, DriverDescriptor.Indirect | DriverDescriptor.Write, 0);
        ring.Split.AvailableIndex = 1;
        Assert.Equal(VirtqueueFault.None, ring.TakeFault());
        Assert.Equal((2, 1, 16u, 32u), Shape(ring.Batch[0]));
    }

    [Fact]
    public void Chain_that_does_not_fit_into_the_batch_waits_for_the_next()
    {
        using var ring = new RingSetup(8, RingFeatures.None, segmentCapacity: 3);
        DriverBuffer[] two = [new(ring.Buffers, 8), new(ring.Buffers, 8)];
        ring.Driver.TryAddChain(two, [], 1);
        ring.Driver.TryAddChain(two, [], 2);
        ring.Driver.Publish();

        Assert.Equal(1, ring.Use(8));
        Assert.Equal(1, ring.Use(8));
        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
    }

    [Fact]
    public void Chain_that_fits_into_no_batch_is_a_fault()
    {
        using var ring = new RingSetup(8, RingFeatures.None, segmentCapacity: 3);
        DriverBuffer[] four = [new(ring.Buffers, 8), new(ring.Buffers, 8), new(ring.Buffers, 8), new(ring.Buffers, 8)];
        ring.Driver.TryAddChain(four, [], 1);
        ring.Driver.Publish();
        Assert.Equal(VirtqueueFault.ChainTooLong, ring.TakeFault());
    }

    private static (int Readable, int Writable, uint ReadableLength, uint WritableLength) Shape(in Chain chain) =>
        (chain.ReadableCount, chain.WritableCount, chain.ReadableLength, chain.WritableLength);

    private static void Write(RingSetup ring, ulong table, ReadOnlySpan<DriverDescriptor> entries) =>
        entries.CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, DriverDescriptor>(
            ring.Memory.Span(table, entries.Length * DriverDescriptor.Size)));
}
