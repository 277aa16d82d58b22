using System.Buffers.Binary;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Regions that another implementation wrote, and regions that nobody wrote.</summary>
public sealed class InflightRegionTests
{
    private const int Size = 8;
    private const int SplitHeader = 16;
    private const int PackedHeader = 32;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_split_ring_had_in_flight_is_used_in_the_order_of_its_counters(bool diedBeforeItsMarks)
    {
        using var setup = new CrashSetup(Size, isPacked: false);
        for (int i = 0; i < 4; i++)
            setup.Offer(i, 1);
        var driver = (SplitDriverVirtqueue)setup.Driver;
        ushort[] heads = driver.AvailableRing[..4].ToArray();

        // It took the first three, and used the second.
        driver.UsedRing[0] = heads[1];
        driver.UsedIndex = 1;
        Header(setup, Size);
        Word(setup, 12, heads[1]);
        Word(setup, 14, diedBeforeItsMarks ? (ushort)0 : (ushort)1);
        MarkSplit(setup, heads[0], counter: 9);
        MarkSplit(setup, heads[2], counter: 7);
        if (diedBeforeItsMarks)
            MarkSplit(setup, heads[1], counter: 8);

        Assert.Equal(3, setup.Use(setup.Start()!));
        Assert.Equal([1, 2, 0, 3], setup.Collect());
        Assert.All(Enumerable.Range(0, Size), i => Assert.Equal(0, setup.RegionBytes.Bytes[SplitHeader + (i * 16)]));
    }

    [Fact]
    public void What_a_packed_ring_had_in_flight_is_used_in_the_order_of_its_counters()
    {
        using var setup = new CrashSetup(Size, isPacked: true);
        int[] lengths = [1, 2, 1, 1];
        for (int i = 0; i < lengths.Length; i++)
            setup.Offer(i, lengths[i]);

        // It took the first three, and used the second: an entry in the first slot, for two.
        DriverDescriptor[] ring = setup.Driver.Descriptors.ToArray();
        Header(setup, Size);
        Word(setup, 16, 2);
        Word(setup, 18, 2);
        setup.RegionBytes.Bytes[20..22].Fill(1);
        Word(setup, 12, 4);
        Word(setup, 14, 4);
        MarkPacked(setup, 0, ring[0], counter: 5);
        MarkPacked(setup, 3, ring[3], counter: 4);
        const ushort UsedBits = DriverDescriptor.Available | DriverDescriptor.Used;
        setup.Driver.Descriptors[0] = new DriverDescriptor(ring[0].Address, 0, ring[2].Low, UsedBits);

        Assert.Equal(3, setup.Use(setup.Start()!));
        Assert.Equal([1, 2, 0, 3], setup.Collect());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_region_of_version_0_is_new(bool isPacked)
    {
        using var setup = new CrashSetup(Size, isPacked);
        setup.RegionBytes.Bytes.Fill(0xFF);
        setup.RegionBytes.Bytes[..10].Clear();
        setup.Offer(3, 2);
        Assert.Equal(1, setup.Use(setup.Start()!));
        Assert.Equal([3], setup.Collect());
        Assert.Equal((1, Size), (BinaryPrimitives.ReadUInt16LittleEndian(setup.RegionBytes.Bytes[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(setup.RegionBytes.Bytes[10..])));
    }

    [Theory]
    [InlineData(false, 0, 1)]  // a feature that nobody knows
    [InlineData(true, 0, 1)]
    [InlineData(false, 8, 2)]  // another version
    [InlineData(true, 8, 2)]
    [InlineData(false, 10, 7)] // fewer descriptors than the ring
    [InlineData(true, 10, 7)]
    [InlineData(false, 10, 9)] // more than the region has room for
    [InlineData(true, 10, 0xFFFF)]
    [InlineData(true, 16, 8)]  // behind the end of the ring
    [InlineData(true, 18, 8)]
    [InlineData(true, 20, 2)]  // wrap counters are 0 or 1
    public void A_region_that_makes_no_sense_is_refused(bool isPacked, int offset, int value)
    {
        using var setup = new CrashSetup(Size, isPacked);
        setup.Start();
        Word(setup, offset, (ushort)value);
        Assert.Null(setup.Start());
    }

    [Theory]
    [InlineData(2, 2, 1)]       // a chain longer than said
    [InlineData(9, 1, 1)]       // longer than the ring
    [InlineData(1, 0, 0)]       // without a descriptor
    public void Chains_that_make_no_sense_are_refused(int chains, int count, ushort next)
    {
        using var setup = new CrashSetup(Size, isPacked: true);
        setup.Start();
        for (int i = 0; i < Math.Min(chains, Size); i++)
        {
            MarkPacked(setup, i, default, counter: i);
            Word(setup, PackedHeader + (i * 32) + 6, (ushort)(chains > Size ? chains : count));
            Word(setup, PackedHeader + (i * 32) + 2, next == 1 ? (ushort)0xFFFF : next);
        }

        Word(setup, 14, Size); // no entry is free
        Assert.Null(setup.Start());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_a_region_holds_nothing_but_the_ring_is_touched(bool isPacked)
    {
        var random = new Random(7);
        int resumed = 0;
        for (int round = 0; round < 2000; round++)
        {
            using var setup = new CrashSetup(Size, isPacked);
            setup.Start();
            for (int i = 0; i < random.Next(5); i++)
                setup.Offer(i, 1);
            for (int i = random.Next(40); i > 0; i--)
            {
                int value = random.Next(4) == 0 ? random.Next() : random.Next(3);
                setup.RegionBytes.Bytes[random.Next(12, (int)setup.RegionBytes.Length)] = (byte)value;
            }

            byte[] before = setup.Image().Memory;
            Virtqueue? device = setup.Start();
            byte[] after = setup.Image().Memory;
            (ulong area, int length) = isPacked ? (setup.Layout.DescriptorArea, Size * 16) : (setup.Layout.DriverArea, 6 + (2 * Size));
            int offset = (int)(area - setup.Memory.Iova);
            before.AsSpan(offset, length).Clear();
            after.AsSpan(offset, length).Clear();
            Assert.Equal(before, after);
            resumed += device is not null ? 1 : 0;
            if (device is not null)
                setup.Use(device);
        }

        Assert.InRange(resumed, 1, 1999);
    }

    private static void Header(CrashSetup setup, ushort count)
    {
        setup.RegionBytes.Bytes.Clear();
        Word(setup, 8, 1);
        Word(setup, 10, count);
    }

    private static void MarkSplit(CrashSetup setup, int head, ulong counter)
    {
        Span<byte> state = setup.RegionBytes.Bytes[(SplitHeader + (head * 16))..];
        state[0] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(state[8..], counter);
    }

    private static void MarkPacked(CrashSetup setup, int entry, DriverDescriptor descriptor, int counter)
    {
        Span<byte> state = setup.RegionBytes.Bytes[(PackedHeader + (entry * 32))..];
        state[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(state[4..], (ushort)entry);
        BinaryPrimitives.WriteUInt16LittleEndian(state[6..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(state[8..], (ulong)counter);
        BinaryPrimitives.WriteUInt16LittleEndian(state[16..], descriptor.Low);
        BinaryPrimitives.WriteUInt16LittleEndian(state[18..], descriptor.High);
        BinaryPrimitives.WriteUInt32LittleEndian(state[20..], descriptor.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(state[24..], descriptor.Address);
    }

    private static void Word(CrashSetup setup, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(setup.RegionBytes.Bytes[offset..], value);
}
