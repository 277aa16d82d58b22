using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Stops and starts while real pollers run and a neighbour keeps sending.</summary>
public sealed class LifeCycleTests : IDisposable
{
    private const VirtioFeature WithoutControl = RingKind.Basic | VirtioFeature.MrgRxbuf | VirtioFeature.RingReset;
    private const VirtioFeature Features = WithoutControl | VirtioFeature.CtrlVq;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly PollScheduler _scheduler = new([new SignalSleep(), new SignalSleep()], new PollSettings(), TimeProvider.System);
    private readonly List<IDisposable> _made = [];

    [Theory]
    [InlineData(Stop.Status)]
    [InlineData(Stop.FunctionLevelReset)]
    [InlineData(Stop.BusMaster)]
    [InlineData(Stop.QueueReset)]
    public void V008_V017_V022_When_the_stop_returns_no_byte_of_the_driver_s_memory_changes(Stop stop)
    {
        Guest a = Make(1);
        Guest b = Make(2, features: WithoutControl);
        for (int round = 0; round < 10; round++)
        {
            using (new Flood(a, b.Mac))
            {
                Until(() => b.Driver.Pairs[0].Receive.HasUsed, "frames come in");
                StopIt(b, stop);
                Fill(b);
                for (int i = 0; i < 20; i++)
                {
                    Thread.Sleep(0);
                    AssertUntouched(b);
                }
            }

            b = Again(b);
        }
    }

    [Fact]
    public void V016_Buffers_from_before_driver_ok_are_sent_without_a_kick()
    {
        Guest b = Make(2);
        var a = new NetEndpoint(vswitch: _switch, function: 1, scheduler: _scheduler);
        _made.Add(a);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        a.MapMemory(memory);
        a.Negotiate(VirtioFeatures.None);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        TransferTests.AddFrame(ring, TestFrame.Plain(b.Mac, TestFrame.Mac(1)));
        a.SetQueue(1, TransferTests.LayoutOf(ring));
        a.Status = 15;
        Until(() => b.Driver.Pairs[0].Receive.HasUsed, "the frame arrives");
        a.UnmapMemory(memory);
    }

    [Fact]
    public void Pitfall_25_Bus_mastering_off_and_on_goes_on_where_it_stopped()
    {
        Guest a = Make(1);
        Guest b = Make(2);
        for (int round = 0; round < 50; round++)
        {
            a.Device.BusMaster = false;
            Assert.True(a.Driver.TrySend(TestFrame.Plain(b.Mac, a.Mac, 60 + round)));
            a.Device.BusMaster = true;
            byte[]? frame = null;
            Until(() => (frame = b.Receive(out _)) is not null, "the frame arrives after all");
            Assert.Equal(60 + round, frame!.Length);
        }

        Assert.True(a.IsHealthy);
    }

    [Fact]
    public void Driver_ok_without_bus_mastering_starts_when_it_is_switched_on()
    {
        Guest b = Make(2);
        var a = new NetEndpoint(vswitch: _switch, function: 1, scheduler: _scheduler);
        _made.Add(a);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        a.MapMemory(memory);
        a.BusMaster = false;
        a.Negotiate(VirtioFeatures.None);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        TransferTests.AddFrame(ring, TestFrame.Plain(b.Mac, TestFrame.Mac(1)));
        a.SetQueue(1, TransferTests.LayoutOf(ring));
        a.Status = 15;
        a.Notify(1);
        Assert.Equal(15, a.Status);
        Assert.Equal(0, a.Port.Counters.TxPackets);
        a.BusMaster = true;
        Until(() => b.Driver.Pairs[0].Receive.HasUsed, "the frame arrives");
        a.UnmapMemory(memory);
    }

    [Fact]
    public void A_queue_that_ran_out_of_credit_just_as_it_ran_empty_hears_the_next_kick()
    {
        Guest a = Make(1, VfPolicy.Default with { MaxTxRateMegabits = 10 });
        Guest b = Make(2);
        for (int round = 0; round < 20; round++)
        {
            // 1514 bytes at 10 Mbit/s are more than the 1.2 ms left of the burst after two of them: debt, and an empty ring.
            for (int i = 0; i < 3; i++)
                Assert.True(a.Driver.TrySend(TestFrame.Plain(b.Mac, a.Mac, 1514)));
            int received = 0;
            Until(() => (received += b.ReceiveAll().Count) == 3, "all frames arrive");
        }
    }

    [Fact]
    public void V057_No_frame_after_the_acknowledgement_carries_an_offload_that_was_switched_off()
    {
        Guest a = Make(1, features: Features | VirtioFeature.Csum | VirtioFeature.HostTso4);
        Guest b = Make(2, features: Features | VirtioFeature.GuestCsum | VirtioFeature.GuestTso4 | VirtioFeature.CtrlGuestOffloads);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 8000);
        FrameHeader request = TransferTests.HeaderOf(TestPacket.Offload(packet, GsoType.TcpV4, 1448));
        using var flood = new Flood(a, packet, request);
        var ring = (SplitDriverVirtqueue)b.Driver.Pairs[0].Receive;
        for (int round = 0; round < 30; round++)
        {
            Until(() => b.Receive(out FrameHeader header) is not null && header.GsoType == FrameHeader.TcpV4, "whole packets come");
            Assert.True(b.Driver.SetGuestOffloads(VirtioFeature.None));
            ushort acknowledged = Volatile.Read(ref ring.UsedIndex);
            Until(() => DrainTo(b, acknowledged), "frames from before the acknowledgement are taken");
            int seen = 0;
            Until(
                () =>
                {
                    if (b.Receive(out FrameHeader header) is not { } frame)
                        return false;
                    Assert.Equal(0, header.GsoType);
                    Assert.Equal(0, header.Flags & FrameHeader.NeedsChecksum);
                    TestPacket.AssertSound(frame);
                    return ++seen == 20;
                },
                "segments come");
            Assert.True(b.Driver.SetGuestOffloads(VirtioFeature.GuestCsum | VirtioFeature.GuestTso4));
        }

        Assert.True(b.IsHealthy);
    }

    [Fact]
    public void V017_Queue_resets_under_traffic_lose_nothing_but_what_was_in_the_queue()
    {
        Guest a = Make(1);
        Guest b = Make(2);
        NetDriverPair pair = a.Driver.Pairs[0];
        for (int round = 0; round < 30; round++)
        {
            for (int i = 0; i < 20; i++)
                pair.TrySend(default, TestFrame.Plain(b.Mac, a.Mac));
            a.Driver.Transport.ResetQueue(0);
            a.Driver.Transport.ResetQueue(1);
            long sent = a.Port.Counters.TxPackets;
            pair.Receive.Reset();
            pair.Transmit.Reset();
            pair.Fill();
            a.Driver.Transport.EnableQueue(0, pair.Receive, 1);
            a.Driver.Transport.EnableQueue(1, pair.Transmit, 2);
            Assert.Equal(sent, a.Port.Counters.TxPackets);
            b.ReceiveAll();
            using var again = new Flood(a, b.Mac);
            Until(() => a.Port.Counters.TxPackets > sent, "traffic goes on");
        }

        Assert.True(a.IsHealthy);
    }

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _scheduler.Dispose();
    }

    private static bool DrainTo(Guest guest, ushort index)
    {
        while ((short)(index - guest.BuffersReceived) > 0)
        {
            if (guest.Receive(out _) is null)
                return false;
        }

        return true;
    }

    private static void StopIt(Guest guest, Stop stop)
    {
        switch (stop)
        {
            case Stop.Status:
                guest.Device.Status = 0;
                break;
            case Stop.FunctionLevelReset:
                guest.Device.Endpoint.Reset();
                break;
            case Stop.BusMaster:
                guest.Device.BusMaster = false;
                break;
            default:
                guest.Driver.Transport.ResetQueue(0);
                guest.Driver.Transport.ResetQueue(1);
                break;
        }
    }

    private static void Fill(Guest guest) => guest.Memory.Host.Slice(0, (int)guest.Memory.Length).Fill(0xA5);

    private static void AssertUntouched(Guest guest) =>
        Assert.Equal(-1, guest.Memory.Host.Slice(0, (int)guest.Memory.Length).IndexOfAnyExcept((byte)0xA5));

    private static void Until(Func<bool> condition, string what)
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        for (var spin = default(SpinWait); !condition(); spin.SpinOnce())
            Assert.True(Environment.TickCount64 < end, what);
    }

    private Guest Again(Guest before)
    {
        _made.Remove(before);
        before.Dispose();
        _switch.RemovePort(before.Port);
        return Make(before.Port.Function, features: WithoutControl);
    }

    private Guest Make(int function, VfPolicy? policy = null, VirtioFeature features = Features)
    {
        var options = new NetDriverOptions { Features = features, RingSize = 64, TransmitBufferSize = 10_000 };
        var guest = new Guest(_switch, function, options, null, policy, _scheduler);
        _made.Add(guest);
        return guest;
    }

    /// <summary>Ways to stop a function.</summary>
    public enum Stop
    {
        Status,
        FunctionLevelReset,
        BusMaster,
        QueueReset,
    }
}
