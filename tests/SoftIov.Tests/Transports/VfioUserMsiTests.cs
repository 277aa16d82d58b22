using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Pcie;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>MSI of a served function: what a client that emulates the capability sends and gets.</summary>
public sealed class VfioUserMsiTests
{
    private const uint Connect = ClientMessage.DataEventFd | ClientMessage.Trigger;
    private const uint Fire = ClientMessage.DataNone | ClientMessage.Trigger;
    private const int Capability = 0x48;

    [Fact]
    public void A_vector_goes_to_the_event_it_was_last_connected_to()
    {
        using ServedModel served = new(endpoint: new EndpointModel { MsiVectorCount = 4 });
        using VfioUserClient client = served.Connect();
        using EventFd first = new();
        using EventFd second = new();
        Assert.Equal(new IrqInfo(16, 1, 1, 4), client.GetIrqInfo(ClientMessage.Msi));
        IInterruptSink sink = served.Endpoint.Interrupts!;
        Assert.False(sink.SignalMsi(3));
        client.SetMsi(3, first);
        Assert.True(sink.SignalMsi(3));
        Assert.Equal(1ul, first.Consume());
        Assert.False(sink.SignalMsix(3));
        client.SetMsi(3, second);
        Assert.True(sink.SignalMsi(3));
        Assert.Equal((0ul, 1ul), (first.Consume(), second.Consume()));
        client.SetMsi(3, null);
        Assert.False(sink.SignalMsi(3));
        Assert.Equal([3, 3], served.Endpoint.MsiConnections);
        Assert.Empty(served.Endpoint.Connected);
        Assert.False(sink.SignalMsi(-1));
        Assert.False(sink.SignalMsi(4));
    }

    [Fact]
    public void All_are_connected_fired_and_taken_away_at_once()
    {
        using ServedModel served = new(endpoint: new EndpointModel { MsiVectorCount = 2 });
        using VfioUserClient client = served.Connect();
        using EventFd one = new();
        using EventFd two = new();
        client.SetIrqs(Connect, ClientMessage.Msi, 0, 2, default, one.Descriptor.Number, two.Descriptor.Number);
        client.SetIrqs(Fire, ClientMessage.Msi, 0, 2);
        Assert.Equal((1ul, 1ul), (one.Consume(), two.Consume()));
        client.SetIrqs(ClientMessage.DataBool | ClientMessage.Trigger, ClientMessage.Msi, 0, 2, [0, 1]);
        Assert.Equal((0ul, 1ul), (one.Consume(), two.Consume()));
        client.DisableMsi();
        Assert.False(served.Endpoint.Interrupts!.SignalMsi(0));
        Assert.False(served.Endpoint.Interrupts!.SignalMsi(1));
    }

    [Theory]
    [InlineData(Connect, 2u, 1u, 1)]
    [InlineData(Connect, 1u, 2u, 2)]
    [InlineData(ClientMessage.DataNone | ClientMessage.Mask, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataNone | ClientMessage.Unmask, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataEventFd | ClientMessage.Unmask, 0u, 1u, 1)]
    public void What_vfio_does_not_have_is_refused(uint flags, uint start, uint count, int descriptors)
    {
        using ServedModel served = new(endpoint: new EndpointModel { MsiVectorCount = 2 });
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        int[] numbers = Enumerable.Repeat(line.Descriptor.Number, descriptors).ToArray();
        VfioUserException refusal = Assert.Throws<VfioUserException>(
            () => client.SetIrqs(flags, ClientMessage.Msi, start, count, default, numbers));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
    }

    /// <summary>The order in which a driver in a guest sets MSI up, as QEMU passes it on.</summary>
    [Fact]
    public void An_event_waits_for_its_mask_and_for_its_eventfd()
    {
        RegisterPersonality personality = new(RegisterPersonality.Describe(1, vectors: 0, msi: 4));
        using PciFunction function = PciFunction.Create(
            "lone", personality, new DmaDomain(new NoPollers(), new DmaFaultLog(8)), new NativeStateStore());
        using ServedModel served = new();
        using VfioUserSocket socket = served.Serve(function.Endpoint, "msi.sock");
        using VfioUserClient client = VfioUserClient.Connect(socket.Path);
        using EventFd one = new();
        Assert.Equal((4u, 0u), (client.GetIrqInfo(ClientMessage.Msi).Count, client.GetIrqInfo(ClientMessage.Msix).Count));
        Assert.Equal(5, client.ReadConfig8(Capability));
        client.WriteConfig16(4, 4);
        client.WriteConfig16(Capability + 2, 0x0011);
        function.Fire(3);
        Assert.Equal(2u, client.ReadConfig32(Capability + 0x14));
        client.SetMsi(1, one);
        Assert.Equal(1ul, one.Consume());
        Assert.Equal(0u, client.ReadConfig32(Capability + 0x14));
        client.WriteConfig32(Capability + 0x10, 2);
        function.Fire(1);
        Assert.Equal(0ul, one.Consume());
        client.WriteConfig32(Capability + 0x10, 0);
        Assert.Equal(1ul, one.Consume());
        client.DisableMsi();
        function.Fire(1);
        Assert.Equal(2u, client.ReadConfig32(Capability + 0x14));
        client.WriteConfig16(Capability + 2, 0x0010);
        Assert.Equal(0u, client.ReadConfig32(Capability + 0x14));
    }
}
