using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Nvme;

/// <summary>
/// <c>./bench nvme</c>: random commands from a driver that polls, over a vfio-user socket with shared doorbells, through one poller, to a
/// store. Written by hand rather than with BenchmarkDotNet, since what is measured is two threads in step, not a method.
/// </summary>
internal static class NvmeBench
{
    /// <summary>Measures and prints.</summary>
    public static int Run(NvmeBenchOptions options)
    {
        Console.WriteLine(
            $"{(options.Write ? "random write" : "random read")} of {options.Size} bytes\n"
            + $"{"backing",-8} {"depth",5} {"kIOPS",8} {"mean us",8} {"p99 us",8} {"ns/command",10} {"allocated",9}");
        var results = new List<NvmeResult>();
        try
        {
            foreach (string backing in options.Backings)
            {
                using var bed = new NvmeBed(options, backing);
                foreach (int depth in options.Depths)
                    results.Add(Print(Measure(bed, options, backing, depth)));
            }
        }
        finally
        {
            File.Delete(options.FilePath);
        }

        if (options.Json)
            BenchReport.Write("nvme", options.Runs, results);
        return 0;
    }

    private static NvmeResult Print(NvmeResult result)
    {
        Console.WriteLine(
            $"{result.Backing,-8} {result.Depth,5} {result.Iops / 1000,8:F0} {result.MeanMicroseconds,8:F2} {result.P99Microseconds,8:F2} "
            + $"{result.PollerNanosecondsPerCommand,10:F0} {result.AllocatedBytes,9}");
        return result;
    }

    private static NvmeResult Measure(NvmeBed bed, NvmeBenchOptions options, string backing, int depth)
    {
        var run = new NvmeRun(bed, options, depth);
        for (int i = 0; i < 3; i++)
            run.Measure(options.WarmUpSeconds / 3);
        var samples = new NvmeSample[options.Runs];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = run.Measure(options.Seconds);
        double iops = Medians.Of(samples, sample => sample.Commands / sample.Seconds);
        return new NvmeResult(
            backing,
            depth,
            iops,
            depth * 1e6 / iops,
            Medians.Of(samples, sample => sample.P99Microseconds),
            Medians.Of(samples, sample => (double)sample.PollerNanoseconds / Math.Max(1, sample.Commands)),
            samples.Sum(sample => sample.AllocatedBytes));
    }
}
