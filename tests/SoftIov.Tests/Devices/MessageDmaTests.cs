using SoftIov.Datapath;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>
/// Functions whose driver's memory only messages reach: they work, slowly, and nobody waits for their client but they themselves.
/// </summary>
public sealed class MessageDmaTests : IDisposable
{
    private const VirtioFeature Features = RingKind.Basic | VirtioFeature.MrgRxbuf | VirtioFeature.CtrlVq | VirtioFeature.CtrlRx
        | VirtioFeature.Csum | VirtioFeature.HostTso4 | VirtioFeature.RingReset;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly PollScheduler _scheduler = new([new SignalSleep(), new SignalSleep()], new PollSettings(), TimeProvider.System);
    private readonly List<Guest> _guests = [];

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void Frames_and_commands_pass_both_ways(ulong rings)
    {
        foreach (TransmitLayout layout in new[] { TransmitLayout.TwoBuffers, TransmitLayout.Indirect })
        {
            if (layout == TransmitLayout.Indirect && (rings & (ulong)VirtioFeature.IndirectDesc) == 0)
                continue;

            Guest slow = Make(1, (VirtioFeature)rings, long.MaxValue, layout);
            Guest fast = Make(2, (VirtioFeature)rings);
            Exchange(slow, fast, 100);
            Assert.True(slow.Driver.SetAllMulticast(false));
            Assert.True(slow.Device.Function.Device.HasLane);
            Assert.All(slow.Device.Client!.Callers, caller => Assert.Equal("softiov-poll-0", caller));
            Remove(slow);
            Remove(fast);
        }
    }

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void A_cancelled_access_is_tried_again_and_loses_nothing(ulong rings)
    {
        Guest slow = Make(1, (VirtioFeature)rings, long.MaxValue);
        Guest fast = Make(2, (VirtioFeature)rings);
        foreach (int percent in new[] { 2, 10, 25 })
        {
            slow.Device.Client!.FailurePercent = percent;
            Exchange(slow, fast, 15);
        }

        Assert.True(slow.Device.Client!.Cancelled > 0);
        Assert.True(slow.IsHealthy);
    }

    [Fact]
    public void Rings_in_memory_with_buffers_behind_messages_move_to_a_lane_when_the_first_is_met()
    {
        // The driver allocates from the start: everything but the last buffers lies behind messages, then nothing but them.
        Guest fast = Make(2, RingKind.Split);
        using var net = new NetEndpoint(vswitch: _switch, function: 1, scheduler: _scheduler) { MessageBytes = 1 << 16 };
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        net.MapMemory(memory);
        net.Negotiate(0);
        ulong buffer = memory.Allocate(4096);
        memory.Allocate(1 << 16);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        net.SetQueue(1, TransferTests.LayoutOf(ring));
        net.Status = 15;
        TransferTests.AddFrame(ring, TestFrame.Plain(fast.Mac, TestFrame.Mac(1), 61));
        net.Notify(1);
        Assert.Equal(61, Next(fast).Length);
        Assert.False(net.Function.Device.HasLane);
        TestFrame.Plain(fast.Mac, TestFrame.Mac(1), 62).CopyTo(memory.Span(buffer + 12, 62));
        Assert.Equal(1, ring.Add([new DriverBuffer(buffer, 74)], isWritable: false));
        ring.Publish();
        net.Notify(1);
        Assert.Equal(62, Next(fast).Length);
        Assert.True(net.Function.Device.HasLane);
        Assert.Equal(15, net.Status);
        Assert.Equal(0, net.Dma.Faults.Total);
        net.Status = 0;
        Assert.False(net.Function.Device.HasLane);
    }

    [Fact]
    public void A_ring_whose_pages_are_strangers_in_memory_works_by_copies()
    {
        const ulong Page = 4096;
        const DmaAccess Access = DmaAccess.Read | DmaAccess.Write;
        Guest fast = Make(2, RingKind.Split);
        using var net = new NetEndpoint(vswitch: _switch, function: 1, scheduler: _scheduler);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        using DriverMemory stranger = DriverMemory.CreatePrivate((long)Page);
        net.Negotiate(0);
        memory.Allocate((long)Page / 2); // so that the descriptors lie on two pages
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 256, RingFeatures.None);
        TransferTests.AddFrame(ring, TestFrame.Plain(fast.Mac, TestFrame.Mac(1), 61));
        VirtqueueLayout layout = TransferTests.LayoutOf(ring);
        ulong second = (layout.DescriptorArea + Page - 1) & ~(Page - 1);
        memory.Span(second, (int)Page).CopyTo(stranger.Span(stranger.Iova, (int)Page));
        ulong before = second - memory.Iova;
        ulong after = before + Page;
        Assert.Equal(DmaMapStatus.Ok, net.Dma.Map(memory.Iova, before, Access, memory.Host, 0));
        Assert.Equal(DmaMapStatus.Ok, net.Dma.Map(second, Page, Access, stranger.Host, 0));
        Assert.Equal(DmaMapStatus.Ok, net.Dma.Map(second + Page, (ulong)memory.Length - after, Access, memory.Host, after));
        net.SetQueue(1, layout);
        net.Status = 15;
        net.Notify(1);
        Assert.Equal(61, Next(fast).Length);
        Assert.True(net.Function.Device.HasLane);
        Assert.Equal(15, net.Status);
        Assert.Equal(0, net.Dma.Faults.Total);
    }

    [Fact]
    public void A_segmented_packet_leaves_and_a_large_one_arrives_in_many_buffers()
    {
        Guest slow = Make(1, RingKind.Split, long.MaxValue);
        Guest fast = Make(2, RingKind.Split);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 20_000);
        Assert.True(slow.Driver.Pairs[0].TrySend(TransferTests.HeaderOf(TestPacket.Offload(packet, GsoType.TcpV4, 1448)), packet));
        for (int i = 0; i < 14; i++)
            TestPacket.AssertSound(Next(fast));
        byte[] large = TestFrame.Plain(slow.Mac, fast.Mac, 9000);
        Assert.True(fast.Driver.TrySend(large));
        Assert.Equal(large, Next(slow));
    }

    [Fact]
    public void A_client_that_does_not_answer_keeps_nobody_waiting()
    {
        Guest slow = Make(1, RingKind.Split, long.MaxValue);
        Guest a = Make(2, RingKind.Split);
        Guest b = Make(3, RingKind.Split);
        Exchange(slow, a, 1);
        slow.Device.Client!.Answers = false;
        Assert.True(slow.Driver.TrySend(TestFrame.Plain(a.Mac, slow.Mac)));
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(a.Driver.TrySend(TestFrame.Plain(slow.Mac, a.Mac)));
            Assert.True(a.Driver.TrySend(TestFrame.Plain(b.Mac, a.Mac, 60 + (i % 100))));
            Assert.Equal(60 + (i % 100), Next(b).Length);
        }

        Assert.True(slow.Counters.ReceiveNoBuffer > 0, "what does not fit into the inbox is lost, not waited for");
        slow.Device.Client.Answers = true;
        Assert.Equal(60, Next(slow).Length);
        Assert.Equal(60, Next(a).Length);
    }

    [Fact]
    public void Unmapping_under_a_client_that_does_not_answer_returns_and_nothing_is_touched_after()
    {
        Guest slow = Make(1, RingKind.Split, long.MaxValue);
        Guest a = Make(2, RingKind.Split);
        FakeMessageDma messages = slow.Device.Client!;
        for (int round = 0; round < 10; round++)
        {
            using var flood = new Flood(a, slow.Mac);
            messages.Answers = false;
            Until(() => messages.Waiting > 0, "the lane waits for its client");

            // What a session does for DMA_UNMAP.
            messages.Suspend();
            slow.Device.UnmapMemory(slow.Memory);
            messages.Resume();
            messages.Answers = true;
            long calls = messages.Calls;
            for (int i = 0; i < 100; i++)
                Thread.Sleep(0);
            Assert.Equal(calls, messages.Calls);
            slow.Device.MapMemory(slow.Memory);
            Assert.True(slow.Driver.TrySend(TestFrame.Plain(a.Mac, slow.Mac)));
            slow.Driver.Transport.Kick(1);
            Until(() => slow.Receive(out _) is not null, "frames come in again");
        }

        Assert.True(slow.IsHealthy);
        Assert.Equal(0, slow.Device.Dma.Faults.Total);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Resets_return_although_the_client_does_not_answer(int kind)
    {
        Guest a = Make(2, RingKind.Split);
        for (int round = 0; round < 5; round++)
        {
            Guest slow = Make(1, RingKind.Split, long.MaxValue);
            using (new Flood(a, slow.Mac))
            {
                Exchange(slow, a, 1, isFlooded: true);
                slow.Device.Client!.Answers = false;
                Until(() => slow.Device.Client.Waiting > 0, "the lane waits for its client");
                if (kind == 0)
                    slow.Device.Status = 0;
                else if (kind == 1)
                    slow.Device.Endpoint.Reset();
                else
                    slow.Device.BusMaster = false;
                Assert.Equal(0, slow.Device.Client.Waiting);
                Assert.False(slow.Device.Function.Device.HasLane);
                slow.Device.Client.Answers = true;
                if (kind == 2)
                {
                    slow.Device.BusMaster = true;
                    Exchange(slow, a, 1, isFlooded: true);
                }
            }

            Remove(slow);
        }
    }

    [Fact]
    public void Bus_mastering_may_go_off_in_the_middle_of_the_move()
    {
        Guest a = Make(2, RingKind.Split);
        for (int round = 0; round < 20; round++)
        {
            Guest slow = Make(1, RingKind.Split, long.MaxValue);
            slow.Device.BusMaster = false;
            for (int i = 0; i < round * 20; i++)
                Thread.SpinWait(100);
            slow.Device.BusMaster = true;
            Exchange(slow, a, 1);
            Remove(slow);
        }
    }

    [Fact]
    public void A_queue_reset_in_a_lane_loses_what_was_in_the_queue_and_no_more()
    {
        Guest slow = Make(1, RingKind.Split, long.MaxValue);
        Guest a = Make(2, RingKind.Split);
        NetDriverPair pair = slow.Driver.Pairs[0];
        for (int round = 0; round < 5; round++)
        {
            slow.Driver.Transport.ResetQueue(0);
            slow.Driver.Transport.ResetQueue(1);
            pair.Receive.Reset();
            pair.Transmit.Reset();
            pair.Fill();
            slow.Driver.Transport.EnableQueue(0, pair.Receive, 1);
            slow.Driver.Transport.EnableQueue(1, pair.Transmit, 2);
            Exchange(slow, a, 5);
        }
    }

    [Fact]
    public void A_bad_ring_behind_messages_needs_a_reset_too()
    {
        using var net = new NetEndpoint(vswitch: _switch, function: 1, scheduler: _scheduler) { MessageBytes = long.MaxValue };
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        net.MapMemory(memory);
        (ulong Address, uint Length)[] wrong = [(0x10, 64), (memory.Iova, 0), (memory.Iova + (1 << 20) - 8, 64), (ulong.MaxValue - 8, 64)];
        foreach ((ulong address, uint length) in wrong)
        {
            memory.Free();
            net.Negotiate(0);
            DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
            ring.Add([new DriverBuffer(address, length)], isWritable: false);
            ring.Publish();
            net.SetQueue(1, TransferTests.LayoutOf(ring));
            net.Status = 15;
            Until(() => (net.Status & 64) != 0, "the function needs a reset");
        }
    }

    public void Dispose()
    {
        _guests.ForEach(guest => guest.Dispose());
        _scheduler.Dispose();
    }

    private static void Exchange(Guest one, Guest other, int count, bool isFlooded = false)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] there = TestFrame.Plain(other.Mac, one.Mac, 300 + i);
            Assert.True(one.Driver.TrySend(there));
            Assert.Equal(there, Next(other));
            if (isFlooded)
            {
                Assert.NotNull(Next(one));
                continue;
            }

            byte[] back = TestFrame.Plain(one.Mac, other.Mac, 400 + i);
            Assert.True(other.Driver.TrySend(back));
            Assert.Equal(back, Next(one));
        }
    }

    private static byte[] Next(Guest guest)
    {
        byte[]? frame = null;
        Until(() => (frame = guest.Receive(out _)) is not null, "a frame arrives");
        return frame!;
    }

    private static void Until(Func<bool> condition, string what)
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        for (var spin = default(SpinWait); !condition(); spin.SpinOnce())
            Assert.True(Environment.TickCount64 < end, what);
    }

    private Guest Make(int function, VirtioFeature rings, long messageBytes = 0, TransmitLayout layout = TransmitLayout.OneBuffer)
    {
        var options = new NetDriverOptions
        {
            Features = Features | rings, RingSize = 64, TransmitBufferSize = 24_000, Layout = layout,
        };
        var settings = new SoftIov.Devices.Virtio.Net.NetFunctionSettings { Name = $"net0/{function - 1}", Mtu = 9000 };
        var guest = new Guest(_switch, function, options, settings, null, _scheduler, messageBytes);
        _guests.Add(guest);
        return guest;
    }

    private void Remove(Guest guest)
    {
        _guests.Remove(guest);
        guest.Dispose();
        _switch.RemovePort(guest.Port);
    }
}
