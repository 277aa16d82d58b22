using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>
/// <c>./bench net</c>: from the driver of one VF to the driver of another, through rings, switch and one poller. Written by hand rather than
/// with BenchmarkDotNet, since what is measured is two threads in step, not a method.
/// </summary>
internal static class NetBench
{
    private const int RingSize = 256;

    /// <summary>Measures and prints.</summary>
    public static int Run(NetBenchOptions options)
    {
        var results = new List<NetResult>();
        Console.WriteLine($"{"mode",-6} {"ring",-7} {"size",6} {"burst",5} {"Mpps",8} {"Gbit/s",8} {"ns/frame",9} {"us/hop",8} {"allocated",9}");
        foreach (string mode in options.Modes)
        {
            foreach (string ring in options.Rings)
            {
                foreach (int size in options.Sizes)
                {
                    foreach (int burst in BurstsOf(mode, size))
                        results.Add(Print(Measure(options, mode, ring, size, burst)));
                }
            }
        }

        if (options.Json)
            BenchReport.Write("net", options.Runs, results);
        return 0;
    }

    /// <summary>A burst of segmentation frames would not fit into the receiver's ring.</summary>
    private static int[] BurstsOf(string mode, int size) =>
        mode == "flood" ? [BurstSender.Burst] : size == NetFrame.LargeSize ? [1] : [1, BurstSender.Burst];

    private static NetResult Print(NetResult result)
    {
        Console.WriteLine(
            $"{result.Mode,-6} {result.Ring,-7} {result.Size,6} {result.Burst,5} {result.Mpps,8:F2} {result.GigabitsPerSecond,8:F1} "
            + $"{result.PollerNanosecondsPerFrame,9:F1} {result.HopMicroseconds,8:F2} {result.AllocatedBytes,9}");
        return result;
    }

    private static NetResult Measure(NetBenchOptions options, string mode, string ring, int size, int burst)
    {
        using var bed = new NetBed(DriverOptions(options, ring, size), options.Inline);
        var run = new NetRun(bed, options, size, burst);
        Action<double> once = mode == "ping" ? run.Ping : run.Flood;
        for (int i = 0; i < 3; i++)
            once(options.WarmUpSeconds / 3);
        var samples = new NetSample[options.Runs];
        for (int i = 0; i < samples.Length; i++)
        {
            once(options.Seconds);
            samples[i] = run.Sample;
        }

        double frameBits = 8.0 * (size == NetFrame.LargeSize ? size : size - 4);
        double mpps = Medians.Of(samples, sample => sample.Frames / sample.Seconds / 1e6);
        return new NetResult(
            mode,
            ring,
            size,
            burst,
            mpps,
            mpps * frameBits / 1000,
            Medians.Of(samples, sample => (double)sample.PollerNanoseconds / Math.Max(1, sample.Frames)),
            mode == "ping" ? Medians.Of(samples, sample => sample.Seconds * 1e6 / Math.Max(1, sample.Frames) * burst) : 0,
            samples.Sum(sample => sample.AllocatedBytes));
    }

    /// <summary>What Linux negotiates, with packed rings or without; large buffers for the large frame as its page pool gives.</summary>
    private static NetDriverOptions DriverOptions(NetBenchOptions options, string ring, int size)
    {
        bool isLarge = size == NetFrame.LargeSize;
        return new NetDriverOptions
        {
            Features = NetDriverOptions.Plain | NetDriverOptions.Offloads | (ring == "packed" ? VirtioFeature.RingPacked : VirtioFeature.None),
            RingSize = RingSize,
            Layout = options.Layout,
            ReceiveBufferSize = isLarge ? 4096 : 2048,
            TransmitBufferSize = isLarge ? 68 * 1024 : 2048,
        };
    }
}
