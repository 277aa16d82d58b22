using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Latency;

/// <summary>
/// <c>./bench latency</c>: round trips of one frame between the drivers of two VFs through one poller. Drivers that poll while the poller is
/// awake; drivers that sleep until an interrupt; and drivers that poll while the poller sleeps and must be kicked.
/// </summary>
internal static class LatencyBench
{
    private static readonly string[] Modes = ["polling", "interrupts", "asleep"];

    /// <summary>Measures and prints.</summary>
    public static int Run(BenchOptions options)
    {
        Console.WriteLine($"{"mode",-10} {"ring",-7} {"trips",9} {"p50 us",8} {"p99 us",8} {"p99.9 us",9} {"max us",9} {"allocated",9}");
        var results = new List<LatencyResult>();
        foreach (string mode in Modes)
        {
            foreach (string ring in new[] { "split", "packed" })
                results.Add(Print(Measure(options, mode, ring)));
        }

        if (options.Json)
            BenchReport.Write("latency", options.Runs, results);
        return 0;
    }

    private static LatencyResult Print(LatencyResult result)
    {
        Console.WriteLine(
            $"{result.Mode,-10} {result.Ring,-7} {result.RoundTrips,9} {result.P50,8:F2} {result.P99,8:F2} {result.P999,9:F2} "
            + $"{result.Longest,9:F1} {result.AllocatedBytes,9}");
        return result;
    }

    private static LatencyResult Measure(BenchOptions options, string mode, string ring)
    {
        VirtioFeature packed = ring == "packed" ? VirtioFeature.RingPacked : VirtioFeature.None;
        using var bed = new NetBed(new NetDriverOptions { Features = NetDriverOptions.Plain | packed }, isInline: false);
        var run = new LatencyRun(bed, mode);
        for (int i = 0; i < 3; i++)
            run.Play(options.WarmUpSeconds / 3);
        var samples = new LatencySample[options.Runs];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = run.Play(options.Seconds);
        return new LatencyResult(
            mode,
            ring,
            samples.Sum(sample => (long)sample.RoundTrips),
            Medians.Of(samples, sample => sample.P50),
            Medians.Of(samples, sample => sample.P99),
            Medians.Of(samples, sample => sample.P999),
            Medians.Of(samples, sample => sample.Longest),
            samples.Sum(sample => sample.AllocatedBytes));
    }
}
