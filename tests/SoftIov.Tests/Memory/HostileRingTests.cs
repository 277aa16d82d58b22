using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Drivers that write their rings wrong: a fault for the queue, and nothing touched that is not theirs.</summary>
public sealed class HostileRingTests
{
    private const RingFeatures Split = RingFeatures.None;
    private const RingFeatures Packed = RingFeatures.Packed;
    private const ushort Next = DriverDescriptor.Next;
    private const ushort Write = DriverDescriptor.Write;
    private const ushort Indirect = DriverDescriptor.Indirect;

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Loop_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        for (int i = 0; i < 4; i++)
            Put(ring, i, ring.Buffers, 8, Next, next: (i + 1) % 4);
        Assert.Equal(VirtqueueFault.ChainTooLong, Fault(ring));
    }

    [Fact]
    public void V032_Split_chain_of_one_that_points_to_itself_is_a_fault()
    {
        using var ring = new RingSetup(4, Split);
        Put(ring, 0, ring.Buffers, 8, Next, next: 0);
        Assert.Equal(VirtqueueFault.ChainTooLong, Fault(ring));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0xFFFF)]
    public void V032_Next_outside_the_table_is_a_fault(int next)
    {
        using var ring = new RingSetup(4, Split);
        Put(ring, 0, ring.Buffers, 8, Next, next);
        Assert.Equal(VirtqueueFault.BadDescriptorIndex, Fault(ring));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0xFFFF)]
    public void V032_Head_outside_the_table_is_a_fault(int head)
    {
        using var ring = new RingSetup(4, Split);
        ring.Split.AvailableRing[0] = (ushort)head;
        ring.Split.AvailableIndex = 1;
        Assert.Equal(VirtqueueFault.BadDescriptorIndex, ring.TakeFault());
    }

    [Theory]
    [InlineData(Split, 0)]
    [InlineData(Split, 15)]
    [InlineData(Split, 17)]
    [InlineData(Split, 5 * 16)]
    [InlineData(Packed, 0)]
    [InlineData(Packed, 15)]
    [InlineData(Packed, 17)]
    [InlineData(Packed, 5 * 16)]
    public void V032_Indirect_table_of_a_wrong_length_is_a_fault(RingFeatures features, uint length)
    {
        using var ring = new RingSetup(4, features | RingFeatures.IndirectDescriptors);
        Put(ring, 0, ring.Buffers, length, Indirect);
        Assert.Equal(VirtqueueFault.BadIndirect, Fault(ring));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Indirect_table_that_was_not_agreed_on_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        Put(ring, 0, ring.Buffers, 16, Indirect);
        Assert.Equal(VirtqueueFault.BadIndirect, Fault(ring));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Indirect_with_next_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features | RingFeatures.IndirectDescriptors);
        Put(ring, 0, ring.Buffers, 16, Indirect | Next, next: 1);
        Assert.Equal(VirtqueueFault.BadIndirect, Fault(ring));
    }

    [Fact]
    public void V032_Indirect_in_indirect_is_a_fault()
    {
        using var ring = new RingSetup(4, RingFeatures.IndirectDescriptors);
        Table(ring)[0] = new(ring.Buffers, 16, Indirect, 0);
        Put(ring, 0, ring.Buffers, 16, Indirect);
        Assert.Equal(VirtqueueFault.BadIndirect, Fault(ring));
    }

    [Fact]
    public void V032_Packed_indirect_entries_have_no_flags_but_write()
    {
        using var ring = new RingSetup(4, Packed | RingFeatures.IndirectDescriptors);
        Table(ring)[0] = new(ring.Buffers + 64, 16, 0xFFFF, Next | Indirect | DriverDescriptor.Available);
        Table(ring)[1] = new(ring.Buffers + 128, 16, 0xFFFF, Write | Next);
        Put(ring, 0, ring.Buffers, 32, Indirect);
        Assert.Equal(VirtqueueFault.None, Fault(ring));
        Assert.Equal((1, 1), (ring.Batch[0].ReadableCount, ring.Batch[0].WritableCount));
    }

    [Theory]
    [InlineData(2, VirtqueueFault.BadDescriptorIndex)]
    [InlineData(0, VirtqueueFault.ChainTooLong)]
    public void V032_Wrong_next_in_an_indirect_table_is_a_fault(int next, VirtqueueFault expected)
    {
        using var ring = new RingSetup(4, RingFeatures.IndirectDescriptors);
        Table(ring)[0] = new(ring.Buffers + 64, 16, Next, (ushort)next);
        Put(ring, 0, ring.Buffers, 32, Indirect);
        Assert.Equal(expected, Fault(ring));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Descriptor_of_length_0_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        Put(ring, 0, ring.Buffers, 0, 0);
        Assert.Equal(VirtqueueFault.BadLength, Fault(ring));
    }

    [Theory]
    [InlineData(Split, 0UL, 8u)]
    [InlineData(Split, ulong.MaxValue - 3, 8u)]
    [InlineData(Split, DriverMemory.DefaultIova + (1 << 20) - 4, 8u)]
    [InlineData(Split, DriverMemory.DefaultIova, uint.MaxValue)]
    [InlineData(Packed, 0UL, 8u)]
    [InlineData(Packed, ulong.MaxValue - 3, 8u)]
    [InlineData(Packed, DriverMemory.DefaultIova + (1 << 20) - 4, 8u)]
    [InlineData(Packed, DriverMemory.DefaultIova, uint.MaxValue)]
    public void V032_Wild_address_is_a_fault_with_a_record(RingFeatures features, ulong address, uint length)
    {
        using var ring = new RingSetup(4, features);
        Put(ring, 0, address, length, 0);
        Assert.Equal(VirtqueueFault.BadAddress, Fault(ring));
        Assert.True(ring.Faults.TryTake(out DmaFault fault));
        Assert.Equal(ring.Domain.Requester, fault.Requester);
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Indirect_table_outside_the_map_is_a_fault_with_a_record(RingFeatures features)
    {
        using var ring = new RingSetup(4, features | RingFeatures.IndirectDescriptors);
        Put(ring, 0, 0x1000, 16, Indirect);
        Assert.Equal(VirtqueueFault.BadAddress, Fault(ring));
        Assert.Equal(1, ring.Faults.Total);
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V032_Chain_of_4_GiB_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        ring.Domain.Map(1UL << 40, 3UL << 30, DmaAccess.Write, new UntouchedMemory(3L << 30), 0);
        Put(ring, 0, 1UL << 40, 0x8000_0000, Write | Next, next: 1);
        Put(ring, 1, 1UL << 40, 0x8000_0000, Write);
        Assert.Equal(VirtqueueFault.BadLength, Fault(ring));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void V033_Readable_after_writable_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        Put(ring, 0, ring.Buffers, 8, Next | Write, next: 1);
        Put(ring, 1, ring.Buffers + 64, 8, 0);
        Assert.Equal(VirtqueueFault.ReadableAfterWritable, Fault(ring));
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Writable_buffer_in_read_only_memory_is_a_fault(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        using var memory = new NativeHostMemory(4096);
        ring.Domain.Map(0x10000, 4096, DmaAccess.Read, memory, 0);
        Put(ring, 0, 0x10000, 64, Write);
        Assert.Equal(VirtqueueFault.BadAddress, Fault(ring));
        Assert.True(ring.Faults.TryTake(out DmaFault fault));
        Assert.Equal(DmaFaultReason.NoWrite, fault.Reason);
    }

    [Theory]
    [InlineData(Split)]
    [InlineData(Packed)]
    public void Chains_before_the_bad_one_are_taken_and_nothing_after(RingFeatures features)
    {
        using var ring = new RingSetup(4, features);
        Put(ring, 0, ring.Buffers, 8, 0);
        Put(ring, 1, 0, 8, 0);
        if (features == Split)
        {
            ring.Split.AvailableRing[1] = 1;
            ring.Split.AvailableIndex = 2;
        }

        Assert.Equal(VirtqueueFault.BadAddress, ring.TakeFault());
        Assert.Equal(1, ring.Batch.Count);
        Assert.Equal(0, ring.Device.Take(ring.Batch, 4));
        Assert.False(ring.Device.ArmKicks());
    }

    /// <summary>More would send the device's positions outside the ring when it gives chains back.</summary>
    [Fact]
    public void Packed_slots_made_available_while_the_device_has_them_are_not_taken_again()
    {
        using var ring = new RingSetup(4, Packed);
        for (int i = 0; i < 4; i++)
            Put(ring, i, ring.Buffers, 8, 0);
        Assert.Equal(4, ring.Device.Take(ring.Batch, 16));
        for (int i = 0; i < 4; i++)
            ring.Driver.Descriptors[i] = new(ring.Buffers, 8, (ushort)i, DriverDescriptor.Used);
        Assert.Equal(0, ring.Device.Take(ring.Batch, 16));
        ring.Device.Complete(ring.Batch, 0, [8]);
        Assert.Equal(1, ring.Device.Take(ring.Batch, 16));
        ring.Device.Rewind(ring.Batch, 1);
        Assert.Equal(1, ring.Cursor.NextAvailable);
        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
    }

    /// <summary>Descriptor <paramref name="index"/>, made available when it is the first.</summary>
    private static void Put(RingSetup ring, int index, ulong address, uint length, int flags, int next = 0)
    {
        bool isPacked = ring.Driver is PackedDriverVirtqueue;
        ring.Driver.Descriptors[index] = isPacked
            ? new(address, length, (ushort)index, ring.Packed.WithWrap((ushort)flags))
            : new(address, length, (ushort)flags, (ushort)next);
        if (!isPacked)
            ring.Split.AvailableIndex = 1;
    }

    private static VirtqueueFault Fault(RingSetup ring) => ring.TakeFault();

    private static Span<DriverDescriptor> Table(RingSetup ring) =>
        MemoryMarshal.Cast<byte, DriverDescriptor>(ring.Memory.Span(ring.Buffers, 64));
}
