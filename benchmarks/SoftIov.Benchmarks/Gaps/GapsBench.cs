using System.Diagnostics;
using SoftIov.Api;
using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Gaps;

/// <summary>
/// <c>./bench gaps</c>: how long a daemon's poller looks away while a flood goes through it and a client asks for statistics all the time,
/// which allocates: collections and compilation are in it. Decision 0145.
/// </summary>
internal static class GapsBench
{
    private const int FrameSize = 64;
    private static readonly NetDriverOptions Driver = new() { RingSize = 256 };
    private static readonly TimeSpan RequestInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(BenchOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        await using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Programs, options.Vfs);
        double startMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await daemon.SetVfsAsync(2);
        using VfioUserDevice first = VfioUserDevice.Connect(daemon.SocketOf(0));
        using VfioUserDevice second = VfioUserDevice.Connect(daemon.SocketOf(1));
        using DriverMemory firstMemory = DriverMemory.CreateShared("first", Driver.MemoryNeeded);
        using DriverMemory secondMemory = DriverMemory.CreateShared("second", Driver.MemoryNeeded);
        using VirtioNetDriver from = VirtioNetDriver.Open(first, firstMemory, Driver);
        using VirtioNetDriver to = VirtioNetDriver.Open(second, secondMemory, Driver);
        byte[] frame = NetFrame.Make(FrameSize, asksForChecksum: false, 0, 1, out FrameHeader header);
        to.MacAddress.CopyTo(frame, 0);
        from.MacAddress.CopyTo(frame, 6);
        var sender = new BurstSender(from, TransmitLayout.OneBuffer, header, frame);
        var receiver = new BurstReceiver(to);

        await RunOnceAsync(daemon, sender, receiver, options.WarmUpSeconds);
        var samples = new GapsSample[options.Runs];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = await RunOnceAsync(daemon, sender, receiver, options.Seconds);
        var result = new GapsResult(
            startMilliseconds,
            Medians.Of(samples, sample => sample.Frames / sample.Seconds / 1e6),
            Medians.Of(samples, sample => sample.Requests),
            Medians.Of(samples, sample => PollGap.Quantile(sample.Gaps, 0.99)),
            Medians.Of(samples, sample => PollGap.Quantile(sample.Gaps, 0.9999)),
            Medians.Of(samples, sample => PollGap.Quantile(sample.Gaps, 1)),
            daemon.Figures.ResidentBytes / (1024.0 * 1024));
        Console.WriteLine(
            $"start {result.StartMilliseconds:F0} ms, {result.Mpps:F2} Mpps, {result.Requests:F0} requests, gaps p99 {result.P99:F1} us, "
            + $"p99.99 {result.P9999:F1} us, longest {result.Longest:F0} us, {result.ResidentMegabytes:F0} MiB");
        if (options.Json)
            BenchReport.Write("gaps", options.Runs, [result]);
        return 0;
    }

    private static async Task<GapsSample> RunOnceAsync(BenchDaemon daemon, BurstSender sender, BurstReceiver receiver, double seconds)
    {
        PollGap[] before = GapsOf(await daemon.GetStatsAsync());
        long start = Stopwatch.GetTimestamp();
        Task<long> flood = Task.Factory.StartNew(() => Flood(sender, receiver, seconds), TaskCreationOptions.LongRunning);
        long requests = 0;
        for (; !flood.IsCompleted; requests++)
        {
            await daemon.GetStatsAsync();
            await Task.Delay(RequestInterval);
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        PollGap[] after = GapsOf(await daemon.GetStatsAsync());
        return new GapsSample(await flood, requests, elapsed, Between(before, after));
    }

    private static long Flood(BurstSender sender, BurstReceiver receiver, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        long frames = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            for (int i = 0; i < 64; i++)
            {
                sender.Send(BurstSender.Burst);
                frames += receiver.Receive();
            }
        }

        return frames;
    }

    private static PollGap[] GapsOf(StatsResult stats) => [.. stats.Pollers!.SelectMany(poller => poller.Gaps)];

    private static PollGap[] Between(PollGap[] before, PollGap[] after)
    {
        ILookup<double, long> counted = before.ToLookup(gap => gap.BelowMicroseconds, gap => gap.Count);
        return
        [
            .. after.GroupBy(gap => gap.BelowMicroseconds, gap => gap.Count)
                .Select(gaps => new PollGap(gaps.Key, gaps.Sum() - counted[gaps.Key].Sum()))
                .Where(gap => gap.Count > 0)
                .OrderBy(gap => gap.BelowMicroseconds),
        ];
    }
}
