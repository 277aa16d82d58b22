using SoftIov.Lab.Pci;
using SoftIov.Linux;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <content>The function as the laboratory's driver reaches it. Without a scheduler each register write takes a millisecond
/// and is followed by polling.</content>
internal sealed partial class NetEndpoint : IPciDevice
{
    private List<EventFd> _events = [];

    string IPciDevice.Name => Endpoint.Name;

    void IPciDevice.ReadConfig(int offset, Span<byte> destination) => Endpoint.ReadConfig(offset, destination);

    void IPciDevice.WriteConfig(int offset, ReadOnlySpan<byte> source) => Endpoint.WriteConfig(offset, source);

    void IPciDevice.ReadBar(int bar, ulong offset, Span<byte> destination) => Endpoint.ReadBar(bar, offset, destination);

    void IPciDevice.WriteBar(int bar, ulong offset, ReadOnlySpan<byte> source)
    {
        Endpoint.WriteBar(bar, offset, source);
        Context.NowTicks += TimeProvider.System.TimestampFrequency / 1000;
        Settle();
    }

    void IPciDevice.PostBar(int bar, ulong offset, ReadOnlySpan<byte> source) => ((IPciDevice)this).WriteBar(bar, offset, source);

    /// <summary>The part of the driver's memory that only messages reach, from its start; the rest is mapped.</summary>
    public long MessageBytes { get; set; }

    /// <summary>Who answers messages.</summary>
    public FakeMessageDma? Client { get; private set; }

    public void MapMemory(DriverMemory memory)
    {
        const DmaAccess Access = DmaAccess.Read | DmaAccess.Write;
        ulong messages = (ulong)Math.Min(MessageBytes, memory.Length);
        ulong rest = (ulong)memory.Length - messages;
        if (messages != 0)
        {
            Dma.Messages = Client ??= new FakeMessageDma(memory);
            Assert.Equal(DmaMapStatus.Ok, Dma.Map(memory.Iova, messages, Access, null, 0));
        }

        if (rest != 0)
            Assert.Equal(DmaMapStatus.Ok, Dma.Map(memory.Iova + messages, rest, Access, memory.Host, messages));
    }

    public void UnmapMemory(DriverMemory memory) =>
        Assert.Equal(DmaMapStatus.Ok, Dma.Unmap(memory.Iova, (ulong)memory.Length, out _));

    IReadOnlyList<EventFd> IPciDevice.ConnectInterrupts(int count)
    {
        _events.ForEach(@event => @event.Dispose());
        return _events = [.. Enumerable.Range(0, count).Select(_ => new EventFd())];
    }

    void IPciDevice.Reset() => Endpoint.Reset();
}
