using System.Buffers.Binary;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserDmaUnmapTests
{
    private const DmaAccess ReadWrite = DmaAccess.Read | DmaAccess.Write;
    private const int Page = 4096;

    [Fact]
    public void The_answer_repeats_the_request()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(4 * Page);
        client.MapDma(0x4000, 4 * Page, ReadWrite, memory.File);
        byte[] request = Request(0, 0x4000, 4 * Page);
        Assert.Equal(request, client.Call(ClientMessage.DmaUnmap, request).Payload.ToArray());
        Assert.Equal(0, served.Socket.Attachment!.MappedBytes);
    }

    [Fact]
    public void Nobody_uses_the_range_when_it_is_answered()
    {
        QuiescenceModel quiescence = new();
        using ServedModel served = new(endpoint: new EndpointModel(quiescence));
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page);
        client.MapDma(0, Page, ReadWrite, memory.File);
        int mapped = -1;
        quiescence.Waiting = () => mapped = served.Endpoint.Dma.Count;
        client.UnmapDma(0, Page);
        Assert.Equal(1, quiescence.Waits);
        Assert.Equal(0, mapped);
    }

    [Fact]
    public void A_range_takes_all_mappings_inside_and_cuts_none()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(16 * Page);
        client.MapDma(0, 2 * Page, ReadWrite, memory.File);
        client.MapDma(4 * Page, 2 * Page, ReadWrite, memory.File);
        client.MapDma(8 * Page, 2 * Page, ReadWrite);
        Assert.Equal(Errno.ENOENT, Refusal(client, 0, 0, Page));
        Assert.Equal(Errno.ENOENT, Refusal(client, 0, 0, 5 * Page));
        Assert.Equal(Errno.ENOENT, Refusal(client, 0, 2 * Page, 2 * Page));
        Assert.Equal(4ul * Page, client.UnmapDma(0, 8 * Page));
        Assert.Equal(1, served.Endpoint.Dma.Count);
        Assert.Equal(2 * Page, served.Socket.Attachment!.MappedBytes);
    }

    [Fact]
    public void All_goes_at_once()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(16 * Page);
        Assert.Equal(0ul, client.UnmapAllDma());
        client.MapDma(0, 2 * Page, ReadWrite, memory.File);
        client.MapDma(1UL << 63, 1UL << 62, ReadWrite);
        Assert.Equal((1UL << 62) + 2 * Page, client.UnmapAllDma());
        Assert.Equal(0, served.Endpoint.Dma.Count);
        client.MapDma(0, 2 * Page, ReadWrite, memory.File);
    }

    [Theory]
    [InlineData(0u, 0ul, 0ul)]
    [InlineData(0u, ulong.MaxValue, 2ul)]
    [InlineData(1u, 0ul, 4096ul)]
    [InlineData(4u, 0ul, 4096ul)]
    [InlineData(2u, 0ul, 4096ul)]
    [InlineData(2u, 4096ul, 0ul)]
    public void Bad_requests_are_refused(uint flags, ulong iova, ulong size)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.MapDma(0, 4096, ReadWrite);
        Assert.Equal(Errno.EINVAL, Refusal(client, flags, iova, size));
        Assert.Equal(1, served.Endpoint.Dma.Count);
    }

    [Fact]
    public void Structures_must_be_whole()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] request = Request(0, 0, Page);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaUnmap, request.AsSpan(0, 23)).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaUnmap, [.. request, 0]).Error);
        request[0] = 23;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaUnmap, request).Error);
    }

    private static byte[] Request(uint flags, ulong iova, ulong size)
    {
        byte[] request = new byte[24];
        request[0] = 24;
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(8), iova);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(16), size);
        return request;
    }

    private static Errno Refusal(VfioUserClient client, uint flags, ulong iova, ulong size) =>
        client.Call(ClientMessage.DmaUnmap, Request(flags, iova, size)).Error;
}
