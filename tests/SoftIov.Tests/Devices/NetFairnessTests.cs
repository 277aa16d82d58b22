using System.Diagnostics;
using SoftIov.Datapath;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>
/// One hostile and three polite VFs at one poller, all with full transmit rings. The hostile one sends what costs most: segmentation requests
/// of 60 KB to a receiver that takes none, so that the device makes 41 frames of each.
/// </summary>
public sealed class NetFairnessTests : IDisposable
{
    private const int Batches = 300;

    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly SignalSleep _sleeper = new();
    private readonly Poller _poller;
    private readonly byte[] _buffer = new byte[FrameBatch.MaxFrameLength];

    public NetFairnessTests()
    {
        _poller = new Poller(_sleeper, new PollSettings(), TimeProvider.System, (_, broken) => throw broken);
    }

    public void Dispose() => _sleeper.Dispose();

    [Fact]
    public void One_that_floods_takes_no_more_than_its_share_of_a_poller_from_three_neighbours()
    {
        using Guest sink = new(_switch, 5, new NetDriverOptions { Features = RingKind.Basic | VirtioFeature.MrgRxbuf });
        using Guest hostile = Make(1);
        using Guest one = Make(2);
        using Guest two = Make(3);
        using Guest three = Make(4);
        byte[] large = TestPacket.IPv4(tcp: true, payload: 60_000);
        FrameHeader request = TransferTests.HeaderOf(TestPacket.Offload(large, GsoType.TcpV4, 1448));
        sink.Mac.CopyTo(large);
        hostile.Mac.CopyTo(large.AsSpan(6));
        TimedPollable[] visits = [.. new[] { hostile, one, two, three }.Select(Time)];

        for (int batch = 0; batch < Batches; batch++)
        {
            Fill(hostile, visits[0], large, request);
            Fill(one, visits[1], TestFrame.Plain(two.Mac, one.Mac), default);
            Fill(two, visits[2], TestFrame.Plain(three.Mac, two.Mac), default);
            Fill(three, visits[3], TestFrame.Plain(one.Mac, three.Mac), default);
            int empty = 0;
            while (Array.TrueForAll(visits, v => v.Waiting >= FrameBatch.Capacity))
            {
                empty = _poller.RunRound() == 0 ? empty + 1 : 0;
                Assert.True(empty < 1000, "rings are full and nothing is sent");
                Drain(sink, one, two, three);
            }
        }

        double all = visits.Sum(v => v.Seconds);
        Assert.InRange(visits[0].Seconds / all, 0.01, 0.45);
        Assert.All(visits[1..], v => Assert.InRange(v.Seconds / all, 0.1, 0.6));
        Assert.True(sink.Port.Counters.RxPackets > 41, "the hostile one sent nothing");
    }

    private Guest Make(int function) => new(_switch, function, new NetDriverOptions
    {
        Features = NetDriverOptions.Offloads | RingKind.Basic | VirtioFeature.MrgRxbuf | VirtioFeature.CtrlVq, TransmitBufferSize = 64_000,
    });

    private TimedPollable Time(Guest guest)
    {
        var timed = new TimedPollable(guest.Device.Function.Device.Pollables.First());
        timed.Handle = _poller.Add(timed, "pair");
        return timed;
    }

    private static void Fill(Guest guest, TimedPollable visits, byte[] frame, FrameHeader header)
    {
        while (guest.Driver.Pairs[0].TrySend(in header, frame, flush: false))
        {
            visits.Waiting++;
        }

        // No kick: the endpoint of these tests would poll by hand then, and nobody would count it.
        guest.Driver.Pairs[0].Transmit.Publish();
        visits.Handle!.Wake();
    }

    private void Drain(params ReadOnlySpan<Guest> guests)
    {
        foreach (Guest guest in guests)
        {
            while (guest.Driver.TryReceive(_buffer) >= 0)
            {
            }
        }
    }

    /// <summary>Measures the visits of a queue pair; what others took from this thread in one counts up to a limit.</summary>
    private sealed class TimedPollable(IPollable inner) : IPollable
    {
        private const double MostSeconds = 0.0004;

        public PollHandle? Handle { get; set; }

        /// <summary>Frames in the ring.</summary>
        public int Waiting { get; set; }

        public double Seconds { get; private set; }

        public int Poll(PollContext context)
        {
            long start = Stopwatch.GetTimestamp();
            int handled = inner.Poll(context);
            Seconds += Math.Min(Stopwatch.GetElapsedTime(start).TotalSeconds, MostSeconds);
            Waiting -= handled;
            return handled;
        }

        public bool Arm(PollContext context) => inner.Arm(context);

        public void Disarm() => inner.Disarm();
    }
}
