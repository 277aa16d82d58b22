using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserInterruptTests
{
    private const uint Connect = ClientMessage.DataEventFd | ClientMessage.Trigger;
    private const uint Fire = ClientMessage.DataNone | ClientMessage.Trigger;

    [Fact]
    public void A_vector_goes_to_the_event_it_was_last_connected_to()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd first = new();
        using EventFd second = new();
        Assert.False(served.Endpoint.Interrupts!.SignalMsix(3));
        client.SetMsix(3, first);
        Assert.True(served.Endpoint.Interrupts.SignalMsix(3));
        Assert.Equal(1ul, first.Consume());
        client.SetMsix(3, second);
        Assert.True(served.Endpoint.Interrupts.SignalMsix(3));
        Assert.Equal(0ul, first.Consume());
        Assert.Equal(1ul, second.Consume());
        client.SetMsix(3, null);
        Assert.False(served.Endpoint.Interrupts.SignalMsix(3));
        Assert.Equal([3, 3], served.Endpoint.Connected);
        Assert.False(served.Endpoint.Interrupts.SignalMsix(-1));
        Assert.False(served.Endpoint.Interrupts.SignalMsix(8));
    }

    [Fact]
    public void Enabling_without_an_event_and_disabling_all_are_what_qemu_sends()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SetIrqs(Connect, ClientMessage.Msix, 0, 1);
        client.SetMsix(7, line);
        client.DisableMsix();
        Assert.False(served.Endpoint.Interrupts!.SignalMsix(7));
        client.SetIrqs(Fire, 1, 0, 0);
    }

    [Fact]
    public void Vectors_come_in_chunks()
    {
        EndpointModel endpoint = new() { MsixVectorCount = 40 };
        using ServedModel served = new(endpoint: endpoint);
        using VfioUserClient client = served.Connect();
        EventFd[] lines = Enumerable.Range(0, 40).Select(_ => new EventFd()).ToArray();
        int[] numbers = lines.Select(line => line.Descriptor.Number).ToArray();
        client.SetIrqs(Connect, ClientMessage.Msix, 0, 16, default, numbers.AsSpan(0, 16));
        client.SetIrqs(Connect, ClientMessage.Msix, 16, 16, default, numbers.AsSpan(16, 16));
        client.SetIrqs(Connect, ClientMessage.Msix, 32, 8, default, numbers.AsSpan(32, 8));
        for (int vector = 0; vector < 40; vector++)
        {
            Assert.True(endpoint.Interrupts!.SignalMsix(vector));
            Assert.Equal(1ul, lines[vector].Consume());
        }

        Assert.Equal(Enumerable.Range(0, 40), endpoint.Connected);
        foreach (EventFd line in lines)
            line.Dispose();
    }

    [Fact]
    public void Firing_loops_back_to_the_events_that_are_meant()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd one = new();
        using EventFd two = new();
        client.SetMsix(1, one);
        client.SetMsix(2, two);
        client.SetIrqs(Fire, ClientMessage.Msix, 1, 2);
        Assert.Equal((1ul, 1ul), (one.Consume(), two.Consume()));
        client.SetIrqs(ClientMessage.DataBool | ClientMessage.Trigger, ClientMessage.Msix, 1, 2, [0, 1]);
        Assert.Equal((0ul, 1ul), (one.Consume(), two.Consume()));
    }

    [Fact]
    public void Intx_masks_itself_until_unmasked_and_fires_again_while_asserted()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        Assert.False(served.Endpoint.Interrupts!.SignalIntx());
        client.SetIntx(line);
        Assert.Equal(0ul, line.Consume());
        served.Endpoint.IntxAsserted = true;
        Assert.True(served.Endpoint.Interrupts.SignalIntx());
        Assert.False(served.Endpoint.Interrupts.SignalIntx());
        Assert.Equal(1ul, line.Consume());
        client.UnmaskIntx();
        Assert.Equal(1ul, line.Consume());
        served.Endpoint.IntxAsserted = false;
        client.UnmaskIntx();
        Assert.Equal(0ul, line.Consume());
        client.MaskIntx();
        Assert.False(served.Endpoint.Interrupts.SignalIntx());
        served.Endpoint.IntxAsserted = true;
        client.SetIrqs(ClientMessage.DataBool | ClientMessage.Unmask, ClientMessage.Intx, 0, 1, [0]);
        Assert.Equal(0ul, line.Consume());
        client.SetIrqs(ClientMessage.DataBool | ClientMessage.Unmask, ClientMessage.Intx, 0, 1, [1]);
        Assert.Equal(1ul, line.Consume());
    }

    [Fact]
    public void An_asserted_pin_fires_when_it_is_connected()
    {
        using ServedModel served = new();
        served.Endpoint.IntxAsserted = true;
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SetIntx(line);
        Assert.Equal(1ul, line.Consume());
    }

    [Fact]
    public void An_unmask_event_unmasks_each_time_it_is_signalled()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        using EventFd unmask = new();
        client.SetIntx(line);
        client.SetIntxUnmask(unmask);
        served.Endpoint.IntxAsserted = true;
        Assert.True(served.Endpoint.Interrupts!.SignalIntx());
        Assert.True(line.Wait(ServedModel.Patience));
        for (int i = 0; i < 3; i++)
        {
            unmask.Signal();
            Assert.True(line.Wait(ServedModel.Patience));
        }

        client.SetIntxUnmask(null);
        unmask.Signal();
        client.GetInfo();
        Assert.Equal(0ul, line.Consume());
    }

    [Fact]
    public void The_error_interrupt_is_taken_and_never_fired_by_the_device()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SetIrqs(Connect, 3, 0, 1, default, line.Descriptor.Number);
        client.Reset();
        Assert.Equal(0ul, line.Consume());
        client.SetIrqs(Connect, 3, 0, 1);
    }

    [Theory]
    [InlineData(Connect, 2u, 7u, 2u, 2)]
    [InlineData(Connect, 2u, 8u, 1u, 1)]
    [InlineData(Connect, 2u, 9u, 0u, 0)]
    [InlineData(Connect, 2u, 0u, 0u, 0)]
    [InlineData(Connect, 2u, uint.MaxValue, 2u, 0)]
    [InlineData(Connect, 2u, 0u, 2u, 1)]
    [InlineData(Connect, 2u, 0u, 1u, 2)]
    [InlineData(Connect, 1u, 0u, 1u, 1)]
    [InlineData(Connect, 4u, 0u, 1u, 1)]
    [InlineData(Connect, 5u, 0u, 1u, 1)]
    [InlineData(Fire, 2u, 0u, 1u, 1)]
    [InlineData(Fire, 2u, 1u, 0u, 0)]
    [InlineData(ClientMessage.DataEventFd | ClientMessage.Mask, 0u, 0u, 1u, 1)]
    [InlineData(ClientMessage.DataNone | ClientMessage.Mask, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataNone | ClientMessage.Unmask, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataEventFd | ClientMessage.Unmask, 2u, 0u, 1u, 1)]
    [InlineData(ClientMessage.DataBool | ClientMessage.Trigger, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataNone, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.Trigger, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataNone | ClientMessage.DataEventFd | ClientMessage.Trigger, 2u, 0u, 1u, 0)]
    [InlineData(ClientMessage.DataNone | ClientMessage.Mask | ClientMessage.Trigger, 2u, 0u, 1u, 0)]
    [InlineData(0x40u | Fire, 2u, 0u, 1u, 0)]
    public void What_vfio_does_not_have_is_refused(uint flags, uint index, uint start, uint count, int descriptors)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        int[] numbers = Enumerable.Repeat(line.Descriptor.Number, descriptors).ToArray();
        Assert.Equal(
            Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.SetIrqs(flags, index, start, count, default, numbers)).Errno);
        client.GetInfo();
        Assert.Equal(1, OpenDescriptors.Of(line.Descriptor));
        Assert.Equal(0ul, line.Consume());
    }

    [Fact]
    public void Only_eventfds_are_taken_and_then_all_or_none()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        using FileDescriptor file = MemoryFile.Create("no event", 4096);
        Assert.Throws<VfioUserException>(
            () => client.SetIrqs(Connect, ClientMessage.Msix, 0, 2, default, line.Descriptor.Number, file.Number));
        Assert.False(served.Endpoint.Interrupts!.SignalMsix(0));
    }

    [Fact]
    public void A_short_request_is_refused()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.SetIrqs, new byte[19]).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.SetIrqs, new byte[20]).Error);
    }

    [Fact]
    public void An_endpoint_without_interrupts_has_none()
    {
        using ServedModel served = new(endpoint: new EndpointModel { MsixVectorCount = 0, HasIntx = false });
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        Assert.Equal(0u, client.GetIrqInfo(0).Count);
        Assert.Equal(0u, client.GetIrqInfo(2).Count);
        Assert.Throws<VfioUserException>(() => client.SetIntx(line));
        Assert.Throws<VfioUserException>(() => client.SetMsix(0, line));
        client.DisableMsix();
    }
}
