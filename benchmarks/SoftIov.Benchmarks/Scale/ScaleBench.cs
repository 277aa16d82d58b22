using System.Diagnostics;
using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Scale;

/// <summary><c>./bench scale</c>: an adapter with a thousand VFs in a real daemon, and what a broadcast to all of them costs.</summary>
internal static class ScaleBench
{
    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(BenchOptions options)
    {
        var samples = new List<ScaleSample>();
        for (int i = 0; i < options.Runs; i++)
            samples.Add(await EnableAsync(options));
        double broadcast = Broadcast(options);
        var result = new ScaleResult(
            options.Vfs,
            Medians.Of(samples, sample => sample.EnableSeconds),
            Medians.Of(samples, sample => sample.DisableSeconds),
            Medians.Of(samples, sample => sample.BytesPerVf) / 1024,
            Medians.Of(samples, sample => sample.DescriptorsPerVf),
            broadcast,
            1000 * broadcast / Math.Max(1, options.Vfs - 1));
        Console.WriteLine(
            $"{result.Vfs} VFs: enabled in {result.EnableSeconds:F2} s, disabled in {result.DisableSeconds:F2} s, "
            + $"{result.KibibytesPerVf:F0} KiB and {result.DescriptorsPerVf:F1} descriptors each\n"
            + $"broadcast: {result.BroadcastMicroseconds:F1} us of a poller, {result.BroadcastNanosecondsPerReceiver:F0} ns per receiver");
        if (options.Json)
            BenchReport.Write("scale", options.Runs, [result]);
        return 0;
    }

    /// <summary>In a daemon that has just started: what was freed before would hide what is taken.</summary>
    private static async Task<ScaleSample> EnableAsync(BenchOptions options)
    {
        await using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Programs, options.Vfs);
        long bytes = daemon.Figures.ResidentBytes;
        int descriptors = daemon.Figures.Descriptors;
        long start = Stopwatch.GetTimestamp();
        await daemon.SetVfsAsync(options.Vfs);
        double enable = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bytes = daemon.Figures.ResidentBytes - bytes;
        descriptors = daemon.Figures.Descriptors - descriptors;
        start = Stopwatch.GetTimestamp();
        await daemon.SetVfsAsync(0);
        double disable = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new ScaleSample(enable, disable, (double)bytes / options.Vfs, (double)descriptors / options.Vfs);
    }

    private static double Broadcast(BenchOptions options)
    {
        using var run = new BroadcastRun(options.Vfs);
        run.Play(options.WarmUpSeconds);
        double[] samples = [.. Enumerable.Range(0, options.Runs).Select(_ => run.Play(options.Seconds))];
        return Medians.Of(samples, sample => sample);
    }
}
