using System.Diagnostics;
using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Idle;

/// <summary><c>./bench idle</c>: what a real daemon takes of a processor while its VFs, all attached and set up, have nothing to do.</summary>
internal static class IdleBench
{
    /// <summary>Small rings: nothing goes through them.</summary>
    private static readonly NetDriverOptions Driver = new() { RingSize = 16 };

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(BenchOptions options)
    {
        Console.WriteLine($"{"VFs",5} {"drivers",-7} {"% of a core",11} {"highest",8} {"MiB",7} {"fds",6} {"threads",7}");
        await using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Programs, options.Vfs);
        var results = new List<IdleResult> { Print(await MeasureAsync(daemon, options, 0, driversUp: false)) };
        await daemon.SetVfsAsync(options.Vfs);
        var owned = new Stack<IDisposable>();
        try
        {
            for (int vf = 0; vf < options.Vfs; vf++)
                owned.Push(VfioUserDevice.Connect(daemon.SocketOf(vf)));
            VfioUserDevice[] devices = [.. owned.Cast<VfioUserDevice>()];
            results.Add(Print(await MeasureAsync(daemon, options, options.Vfs, driversUp: false)));
            foreach (VfioUserDevice device in devices)
            {
                DriverMemory memory = DriverMemory.CreateShared("guest", Driver.MemoryNeeded);
                owned.Push(memory);
                owned.Push(VirtioNetDriver.Open(device, memory, Driver));
            }

            results.Add(Print(await MeasureAsync(daemon, options, options.Vfs, driversUp: true)));
        }
        finally
        {
            foreach (IDisposable one in owned)
                one.Dispose();
        }

        if (options.Json)
            BenchReport.Write("idle", options.Runs, results);
        return 0;
    }

    private static IdleResult Print(IdleResult result)
    {
        Console.WriteLine(
            $"{result.Vfs,5} {(result.DriversUp ? "up" : "none"),-7} {result.PercentOfCore,11:F3} {result.Highest,8:F3} "
            + $"{result.ResidentMegabytes,7:F1} {result.Descriptors,6} {result.Threads,7}");
        return result;
    }

    private static async Task<IdleResult> MeasureAsync(BenchDaemon daemon, BenchOptions options, int vfs, bool driversUp)
    {
        await Task.Delay(TimeSpan.FromSeconds(options.WarmUpSeconds));
        var samples = new double[options.Runs];
        for (int i = 0; i < samples.Length; i++)
        {
            long before = daemon.Figures.ProcessorNanoseconds;
            long start = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
            samples[i] = 100 * (daemon.Figures.ProcessorNanoseconds - before) / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }

        return new IdleResult(
            vfs,
            driversUp,
            Medians.Of(samples, sample => sample),
            samples.Max(),
            daemon.Figures.ResidentBytes / (1024.0 * 1024),
            daemon.Figures.Descriptors,
            daemon.Figures.Threads);
    }
}
