using System.Diagnostics;
using SoftIov.Benchmarks.Net;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Latency;

/// <summary>Both drivers on the calling thread: one frame there and back at a time, each round trip timed.</summary>
internal sealed class LatencyRun
{
    private const int Size = 64;

    /// <summary>Longer than a poller stays awake without work.</summary>
    private const int PauseMicroseconds = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NetBed _bed;
    private readonly string _mode;
    private readonly byte[] _there = NetFrame.Make(Size, asksForChecksum: false, 0, 1, out _);
    private readonly byte[] _back = NetFrame.Make(Size, asksForChecksum: false, 1, 0, out _);
    private readonly byte[] _received = new byte[2048];
    private readonly long[] _ticks = new long[1 << 21];

    public LatencyRun(NetBed bed, string mode)
    {
        _bed = bed;
        _mode = mode;
    }

    /// <summary>Plays for so long.</summary>
    public LatencySample Play(double seconds)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        int count = 0;
        for (long now = 0; now < end && count < _ticks.Length; count++)
        {
            if (_mode == "asleep")
                Pause();
            long start = Stopwatch.GetTimestamp();
            Hop(_bed.Sender, _bed.Receiver, _there);
            Hop(_bed.Receiver, _bed.Sender, _back);
            now = Stopwatch.GetTimestamp();
            _ticks[count] = now - start;
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Span<long> trips = _ticks.AsSpan(0, count);
        trips.Sort();
        return new LatencySample(
            count, Microseconds(trips, 0.5), Microseconds(trips, 0.99), Microseconds(trips, 0.999), Microseconds(trips, 1), allocated);
    }

    private void Hop(VirtioNetDriver from, VirtioNetDriver to, byte[] frame)
    {
        if (!from.TrySend(frame))
            throw new InvalidOperationException("There is no room for one frame.");
        if (_mode == "interrupts")
        {
            while (to.TryReceive(_received) < 0)
            {
                if (!to.WaitForFrame(Patience))
                    throw new TimeoutException("A frame did not arrive.");
            }

            return;
        }

        long start = Stopwatch.GetTimestamp();
        for (int tries = 1; to.TryReceive(_received) < 0; tries++)
        {
            if (tries % 1_000_000 == 0 && Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException("A frame did not arrive.");
        }
    }

    private static void Pause()
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < PauseMicroseconds)
            Thread.Yield();
    }

    /// <summary>The smallest time that so large a part of the round trips did not exceed.</summary>
    private static double Microseconds(ReadOnlySpan<long> sorted, double part) =>
        sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)] * 1e6 / Stopwatch.Frequency;
}
