using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <content>How frames are laid into receive buffers.</content>
public partial class TransferTests
{
    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void V055_A_frame_is_spread_over_as_many_buffers_as_it_needs(ulong rings)
    {
        VirtioFeature features = RingKind.Basic | VirtioFeature.MrgRxbuf | VirtioFeature.Mtu | (VirtioFeature)rings;
        using Guest a = Make(1, features, bufferSize: 16384, mtu: 9000);
        using Guest b = Make(2, features, receiveSize: 512, mtu: 9000);
        foreach (int length in new[] { 500, 501, 1012, 1013, 8900, 9014 })
        {
            byte[] frame = TestFrame.Plain(b.Mac, a.Mac, length);
            a.Send(frame);
            Assert.Equal(frame, b.Receive(out FrameHeader header));
            Assert.Equal((12 + length + 511) / 512, header.BufferCount);
        }

        Assert.Equal(0, b.Counters.ReceiveNoBuffer);
    }

    [Fact]
    public void V055_A_frame_without_enough_buffers_takes_none()
    {
        VirtioFeature features = RingKind.Basic | VirtioFeature.MrgRxbuf;
        using Guest a = Make(1, features, bufferSize: 16384, mtu: 9000);
        using Guest b = Make(2, features, receiveSize: 512, mtu: 9000, ringSize: 8);
        byte[] small = TestFrame.Plain(b.Mac, a.Mac, 60);
        a.Send(TestFrame.Plain(b.Mac, a.Mac, 8 * 512));
        a.Send(small);
        Assert.Equal(small, b.Receive(out _));
        Assert.Null(b.Receive(out _));
        Assert.Equal(1, b.Counters.ReceiveNoBuffer);
        Assert.Equal(1, b.Port.Counters.RxDropped);
        byte[] full = TestFrame.Plain(b.Mac, a.Mac, (8 * 512) - 12);
        a.Send(full);
        Assert.Equal(full, b.Receive(out FrameHeader header));
        Assert.Equal(8, header.BufferCount);
    }

    [Fact]
    public void V055_A_burst_shares_the_buffers_in_order()
    {
        VirtioFeature features = RingKind.Basic | VirtioFeature.MrgRxbuf;
        using Guest a = Make(1, features, bufferSize: 16384, mtu: 9000);
        using Guest b = Make(2, features, receiveSize: 512, mtu: 9000, ringSize: 16);
        int[] lengths = [3000, 60, 8000, 60, 3000];
        foreach (int length in lengths)
            Assert.True(a.Driver.Pairs[0].TrySend(default, TestFrame.Plain(b.Mac, a.Mac, length), flush: false));
        a.Driver.Pairs[0].Transmit.Publish();
        a.Device.Settle();
        Assert.Equal([3000, 60, 60, 3000], b.ReceiveAll().Select(frame => frame.Length));
        Assert.Equal(1, b.Counters.ReceiveNoBuffer);
    }

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void V056_Without_mergeable_buffers_a_frame_that_does_not_fit_is_lost_and_the_queue_lives(ulong rings)
    {
        VirtioFeature features = RingKind.Basic | (VirtioFeature)rings;
        using Guest a = Make(1, features);
        using Guest b = Make(2, features, receiveSize: 512);
        for (int round = 0; round < 20; round++)
        {
            a.Send(TestFrame.Plain(b.Mac, a.Mac, 501));
            Assert.Null(b.Receive(out _));
            byte[] frame = TestFrame.Plain(b.Mac, a.Mac, 500);
            a.Send(frame);
            Assert.Equal(frame, b.Receive(out _));
        }

        Assert.Equal(20, b.Counters.ReceiveNoBuffer);
        Assert.True(b.IsHealthy);
    }

    [Fact]
    public void A_buffer_too_short_for_the_header_comes_back_empty()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, RingKind.Basic, receiveSize: 11);
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Span<UsedBuffer> used = stackalloc UsedBuffer[256];
        int count = b.Driver.Pairs[0].Receive.Collect(used);
        Assert.True(count > 0);
        foreach (UsedBuffer buffer in used[..count])
            Assert.Equal(0u, buffer.Length);
        Assert.True(b.IsHealthy);
    }

    [Fact]
    public void Header_and_data_may_lie_in_any_layout_of_a_receive_chain()
    {
        using Guest a = Make(1, RingKind.Basic);
        using var b = new NetEndpoint(vswitch: _switch, function: 2);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        b.MapMemory(memory);
        b.Negotiate(VirtioFeatures.None);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        ulong buffer = memory.Allocate(4096);
        uint[][] layouts = [[12, 1514], [5, 7, 14, 1500], [1, 1, 1, 1523], [1526], [20, 3, 2000]];
        foreach (uint[] lengths in layouts)
        {
            ulong at = buffer;
            var parts = new DriverBuffer[lengths.Length];
            for (int i = 0; i < parts.Length; i++, at += lengths[i - 1])
                parts[i] = new DriverBuffer(at, lengths[i]);
            Assert.True(ring.TryAddChain([], parts, 1));
        }

        ring.Publish();
        b.SetQueue(0, LayoutOf(ring));
        b.Status = 15;
        Span<UsedBuffer> used = stackalloc UsedBuffer[1];
        foreach (uint[] _ in layouts)
        {
            byte[] frame = TestFrame.Plain(TestFrame.Mac(2), a.Mac, 1000);
            memory.Span(buffer, 4096).Fill(0xEE);
            a.Send(frame);
            Assert.Equal(1, ring.Collect(used));
            Assert.Equal(1012u, used[0].Length);
            Assert.Equal(frame, memory.Span(buffer + 12, 1000).ToArray());
            Assert.Equal(0xEE, memory.Span(buffer + 1012, 1)[0]);
        }
    }

    [Theory]
    [InlineData("000000000000000000000100")]
    [InlineData("000000000000000000000000")]
    [InlineData("010000000000000000000100")]
    [InlineData("000000000000001000000100")]
    [InlineData("000000000000000000010100")]
    [InlineData("000000000000000000000200")]
    [InlineData("ffffffffffffffffffffffff")]
    public void V055_Whatever_is_left_in_a_receive_buffer_does_not_become_a_header(string left)
    {
        using Guest a = Make(1, RingKind.Basic);
        using var b = new NetEndpoint(vswitch: _switch, function: 2);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        b.MapMemory(memory);
        b.Negotiate(VirtioFeatures.MrgRxbuf);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        ulong buffer = memory.Allocate(2048);
        Convert.FromHexString(left).CopyTo(memory.Span(buffer, 12));
        Assert.True(ring.TryAddChain([], [new DriverBuffer(buffer, 2048)], 1));
        ring.Publish();
        b.SetQueue(0, LayoutOf(ring));
        b.Status = 15;
        a.Send(TestFrame.Plain(TestFrame.Mac(2), a.Mac, 60));
        Assert.Equal(1, ring.Collect(stackalloc UsedBuffer[1]));
        Assert.Equal("000000000000000000000100", Convert.ToHexStringLower(memory.Span(buffer, 12)));
    }
}
