using System.Diagnostics;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>Both drivers on the calling thread, against the bed's poller.</summary>
internal sealed class NetRun
{
    private readonly NetBed _bed;
    private readonly int _burst;
    private readonly bool _isInline;
    private readonly BurstSender _sender;
    private readonly BurstReceiver _receiver;
    private readonly BurstSender _answerer;
    private readonly BurstReceiver _answered;
    private readonly PollerClock _clock;
    private long _inlineTicks;
    private long _allocated;

    public NetRun(NetBed bed, NetBenchOptions options, int size, int burst)
    {
        _bed = bed;
        _burst = burst;
        _isInline = options.Inline;
        _clock = new PollerClock(options.Inline);
        byte[] there = NetFrame.Make(size, options.Checksum, 0, 1, out FrameHeader header);
        _sender = new BurstSender(bed.Sender, options.Layout, header, there);
        _receiver = new BurstReceiver(bed.Receiver);
        byte[] back = NetFrame.Make(size, options.Checksum, 1, 0, out header);
        _answerer = new BurstSender(bed.Receiver, options.Layout, header, back);
        _answered = new BurstReceiver(bed.Sender);
    }

    /// <summary>What the last run gave.</summary>
    public NetSample Sample { get; private set; }

    /// <summary>Sends as fast as it goes, one way.</summary>
    public void Flood(double seconds)
    {
        long start = Begin(seconds, out long end, out long clock);
        long frames = 0;
        long now = start;
        while (now < end)
        {
            for (int i = 0; i < 64; i++)
            {
                _sender.Send(_burst);
                Poll();
                frames += _receiver.Receive();
            }

            now = Stopwatch.GetTimestamp();
        }

        Finish(frames, start, now, clock);
    }

    /// <summary>One burst in flight, there and back.</summary>
    public void Ping(double seconds)
    {
        long start = Begin(seconds, out long end, out long clock);
        long frames = 0;
        long now = start;
        while (now < end)
        {
            frames += Hop(_sender, _receiver, end);
            frames += Hop(_answerer, _answered, end);
            now = Stopwatch.GetTimestamp();
        }

        Finish(frames, start, now, clock);
    }

    private int Hop(BurstSender from, BurstReceiver to, long end)
    {
        int sent = 0;
        while (sent < _burst)
            sent += from.Send(_burst - sent);
        int arrived = 0;
        long patience = end + (10 * Stopwatch.Frequency);
        for (int tries = 1; arrived < sent; tries++)
        {
            Poll();
            arrived += to.Receive();
            if (tries % 1_000_000 == 0 && Stopwatch.GetTimestamp() > patience)
                throw new TimeoutException($"{sent - arrived} of {sent} frames did not arrive.");
        }

        return arrived;
    }

    private void Poll()
    {
        if (!_isInline)
            return;

        long start = Stopwatch.GetTimestamp();
        _bed.PollAll();
        _inlineTicks += Stopwatch.GetTimestamp() - start;
    }

    private long Begin(double seconds, out long end, out long clock)
    {
        _inlineTicks = 0;
        clock = _clock.Nanoseconds;
        _allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        end = start + (long)(seconds * Stopwatch.Frequency);
        return start;
    }

    private void Finish(long frames, long start, long now, long clock)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - _allocated;
        double seconds = (double)(now - start) / Stopwatch.Frequency;
        long poller = _clock.Nanoseconds - clock;
        if (_isInline)
        {
            // The thread is the drivers' too. What counts is the time it ran: whoever else wanted the processor took it from both alike.
            seconds = poller / 1e9;
            poller = (long)((double)poller * _inlineTicks / (now - start));
        }

        Sample = new NetSample(frames, seconds, poller, allocated);
    }
}
