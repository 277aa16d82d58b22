using System.Buffers.Binary;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Fault records as VT-d keeps them.</summary>
public sealed class DmaFaultLogTests
{
    [Fact]
    public void P138_Overflow_keeps_the_oldest_and_says_so()
    {
        var log = new DmaFaultLog(3);
        for (ulong i = 0; i < 5; i++)
            log.Record(Fault(i << 12));
        Assert.True(log.Overflowed);
        Assert.Equal((5, 3), (log.Total, log.Count));
        Assert.Equal([0x0000UL, 0x1000, 0x2000], Drain(log));

        log.ClearOverflow();
        log.Record(Fault(0x9000));
        Assert.False(log.Overflowed);
        Assert.Equal([0x9000UL], Drain(log));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P139_Record_has_the_page_the_requester_the_reason_and_the_type(bool isWrite)
    {
        Span<byte> record = stackalloc byte[DmaFaultLog.RecordSize];
        DmaFaultLog.Encode(new DmaFault(new RequesterId(0x0123), 0xFFFF_1234_5678_9ABC, isWrite, DmaFaultReason.NoWrite), record);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(record);
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);

        Assert.Equal(0xFFFF_1234_5678_9000UL, low);
        Assert.Equal(0x0123UL, high & 0xFFFF);
        Assert.Equal(5UL, (high >> 32) & 0xFF);
        Assert.Equal(isWrite ? 0UL : 1UL, (high >> 62) & 1);
        Assert.Equal(1UL, high >> 63);

        // PASID value in bits 59:40, PASID present in bit 31.
        Assert.Equal(0UL, (high >> 40) & 0xF_FFFF);
        Assert.Equal(0UL, (high >> 31) & 1);
    }

    private static DmaFault Fault(ulong address) => new(new RequesterId(1), address, false, DmaFaultReason.NotPresent);

    private static List<ulong> Drain(DmaFaultLog log)
    {
        var addresses = new List<ulong>();
        while (log.TryTake(out DmaFault fault))
            addresses.Add(fault.Address);
        return addresses;
    }
}
