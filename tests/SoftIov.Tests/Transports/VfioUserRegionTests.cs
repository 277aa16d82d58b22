using System.Buffers.Binary;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserRegionTests
{
    [Fact]
    public void Configuration_space_is_read_whole_and_in_pieces()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        new Random(1).NextBytes(served.Endpoint.Config);
        byte[] all = new byte[4096];
        client.ReadConfig(0, all);
        Assert.Equal(served.Endpoint.Config, all);
        Assert.Equal(served.Endpoint.Config[4095], client.ReadConfig8(4095));
        Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(served.Endpoint.Config.AsSpan(0x100)), client.ReadConfig32(0x100));
        client.WriteConfig16(0x40, 0xBEEF);
        Assert.Equal(0xBEEF, BinaryPrimitives.ReadUInt16LittleEndian(served.Endpoint.Config.AsSpan(0x40)));
    }

    [Fact]
    public void A_bar_access_keeps_its_width()
    {
        using ServedModel served = new();
        List<(ulong Offset, int Length)> seen = [];
        served.Endpoint.Written = (offset, bytes) => seen.Add((offset, bytes.Length));
        using VfioUserClient client = served.Connect();
        client.WriteRegion64(0, 8, 8, 0x1122_3344_5566_7788);
        client.WriteRegion64(0, 17, 1, 0x99);
        client.WriteRegion(0, 100, new byte[1000]);
        Assert.Equal([(8ul, 8), (17ul, 1), (100ul, 1000)], seen);
        Assert.Equal(0x1122_3344_5566_7788u, client.ReadRegion64(0, 8, 8));
        Assert.Equal(0x99u, client.ReadRegion64(0, 17, 1));
    }

    [Fact]
    public void Posted_writes_are_done_in_order_and_never_answered()
    {
        using ServedModel served = new();
        List<byte> seen = [];
        served.Endpoint.Written = (_, bytes) => seen.Add(bytes[0]);
        using VfioUserClient client = served.Connect();
        for (int i = 0; i < 100; i++)
            client.PostRegion64(0, 0, 1, (ulong)i);

        // Also a posted write that is refused stays unanswered: the next reply is that of the read.
        client.PostRegion64(0, EndpointModel.Bar0Size, 1, 0);
        client.PostRegion64(5, 0, 1, 0);
        Assert.Equal(99u, client.ReadRegion64(0, 0, 1));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), seen);
        Assert.Equal(2, served.Socket.Counters.RefusedCommands);
    }

    [Fact]
    public void Answers_repeat_the_head_of_the_access()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] write = new byte[20];
        write[0] = 0x30;
        write[12] = 4;
        write[16] = 7;
        Answer answer = client.Call(ClientMessage.RegionWrite, write);
        Assert.Equal(write[..16], answer.Payload.ToArray());
        answer = client.Call(ClientMessage.RegionRead, write.AsSpan(0, 16));
        Assert.Equal([.. write[..16], 7, 0, 0, 0], answer.Payload.ToArray());
    }

    [Fact]
    public void Collected_writes_are_done_each_in_its_width()
    {
        using ServedModel served = new();
        List<(ulong Offset, int Length)> seen = [];
        served.Endpoint.Written = (offset, bytes) => seen.Add((offset, bytes.Length));
        using VfioUserClient client = served.Connect();
        client.PostRegions([new(0, 0, 4, 0x1234_5678), new(0, 8, 8, ulong.MaxValue), new(4, 4000, 2, 1), new(0, 16, 1, 5)]);
        Assert.Equal(0x1234_5678u, client.ReadRegion64(0, 0, 4));
        Assert.Equal(1u, client.ReadRegion64(4, 4000, 2));
        Assert.Equal([(0ul, 4), (8ul, 8), (16ul, 1)], seen);
        Assert.Equal(2u, client.WriteRegions([new(0, 0, 4, 1), new(0, 4, 4, 2)]));
        client.PostRegions(Enumerable.Range(0, 200).Select(i => new RegionWrite(0, (ulong)i, 1, (ulong)i)).ToArray());
        Assert.Equal(199u, client.ReadRegion64(0, 199, 1));
    }

    [Fact]
    public void A_bad_write_among_collected_ones_is_dropped_alone()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        RegionWrite[] writes = [new(0, 0, 1, 1), new(0, 1, 9, 2), new(0, EndpointModel.Bar0Size, 1, 3), new(9, 0, 1, 4), new(0, 4, 1, 5)];
        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.WriteRegions(writes)).Errno);
        Assert.Equal(1u, client.ReadRegion64(0, 0, 1));
        Assert.Equal(0u, client.ReadRegion64(0, 1, 1));
        Assert.Equal(5u, client.ReadRegion64(0, 4, 1));
    }

    [Fact]
    public void Counts_of_collected_writes_must_be_right()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] request = new byte[8 + 24];
        foreach (ulong count in new ulong[] { 0, 2, ulong.MaxValue, 1UL << 61 })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(request, count);
            Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWriteMulti, request).Error);
        }

        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWriteMulti, request.AsSpan(0, 31)).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWriteMulti, default).Error);
    }

    [Theory]
    [InlineData(0, EndpointModel.Bar0Size, 1, Errno.EINVAL)]
    [InlineData(0, EndpointModel.Bar0Size - 1, 2, Errno.EINVAL)]
    [InlineData(0, ulong.MaxValue, 2, Errno.EINVAL)]
    [InlineData(0, 0, 0, Errno.EINVAL)]
    [InlineData(0, 0, 65537, Errno.E2BIG)]
    [InlineData(0, 0, -1, Errno.E2BIG)]
    [InlineData(1, 0, 4, Errno.EINVAL)]
    [InlineData(6, 0, 4, Errno.EINVAL)]
    [InlineData(7, 4093, 4, Errno.EINVAL)]
    [InlineData(7, 1UL << 32, 4, Errno.EINVAL)]
    [InlineData(8, 0, 4, Errno.EINVAL)]
    [InlineData(9, 0, 4, Errno.EINVAL)]
    [InlineData(-1, 0, 4, Errno.EINVAL)]
    public void Accesses_beyond_a_region_are_refused(int region, ulong offset, int count, Errno expected)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] read = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(read, offset);
        BinaryPrimitives.WriteInt32LittleEndian(read.AsSpan(8), region);
        BinaryPrimitives.WriteInt32LittleEndian(read.AsSpan(12), count);
        Assert.Equal(expected, client.Call(ClientMessage.RegionRead, read).Error);
        byte[] write = [.. read, .. new byte[Math.Clamp(count, 0, 4096)]];
        Assert.NotEqual(Errno.None, client.Call(ClientMessage.RegionWrite, write).Error);
        Assert.Equal(0x1041_1af4u, client.ReadConfig32(0));
    }

    [Fact]
    public void Data_and_count_of_a_write_must_agree()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] write = new byte[16 + 4];
        write[12] = 5;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWrite, write).Error);
        write[12] = 3;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWrite, write).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionWrite, write.AsSpan(0, 15)).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.RegionRead, write).Error);
        write[12] = 4;
        Assert.Equal(Errno.None, client.Call(ClientMessage.RegionWrite, write).Error);
    }

    [Fact]
    public void Reset_reaches_the_endpoint_before_it_is_answered()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.WriteRegion64(0, 0, 4, 77);
        client.Reset();
        Assert.Equal(1, served.Endpoint.Resets);
        Assert.Equal(0u, client.ReadRegion64(0, 0, 4));
    }
}
