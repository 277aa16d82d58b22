using System.Diagnostics;
using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Pci;
using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Idle;

/// <summary><c>./bench idle</c>: what a real daemon takes of a processor while its VFs, all attached and set up, have nothing to do.</summary>
internal static class IdleBench
{
    /// <summary>Small rings: nothing goes through them.</summary>
    private static readonly NetDriverOptions Driver = new() { RingSize = 16 };

    private static readonly FrontEndOptions FrontEnd = new() { Driver = new() { Features = FrontEndOptions.Plain, RingSize = Driver.RingSize } };

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(BenchOptions options)
    {
        Console.WriteLine($"{"transport",-10} {"VFs",5} {"drivers",-7} {"% of a core",11} {"highest",8} {"MiB",7} {"fds",6} {"threads",7}");
        List<IdleResult> results =
        [
            .. await MeasureAsync(
                options,
                BenchDaemon.VfioUser,
                VfioUserDevice.Connect,
                (device, memory) => VirtioNetDriver.Open((VfioUserDevice)device, memory, Driver)),
            .. await MeasureAsync(
                options,
                BenchDaemon.VhostUser,
                ConnectFrontEnd,
                (channel, memory) => VhostUserNetDriver.Open((FrontEndChannel)channel, memory, FrontEnd)),
        ];
        if (options.Json)
            BenchReport.Write("idle", options.Runs, results);
        return 0;
    }

    /// <summary>With its first word, without which it would be sent away while drivers are not up.</summary>
    private static FrontEndChannel ConnectFrontEnd(string path)
    {
        FrontEndChannel channel = FrontEndChannel.Connect(path);
        channel.Ask(FrontEndRequest.GetFeatures, []);
        return channel;
    }

    /// <summary>A daemon without VFs, with VFs that somebody has, and with drivers that have set them up.</summary>
    private static async Task<List<IdleResult>> MeasureAsync(
        BenchOptions options, string transport, Func<string, IDisposable> connect, Func<IDisposable, DriverMemory, IDisposable> open)
    {
        await using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Programs, options.Vfs, transport);
        var results = new List<IdleResult> { Print(await MeasureAsync(daemon, options, transport, 0, driversUp: false)) };
        await daemon.SetVfsAsync(options.Vfs);
        var owned = new Stack<IDisposable>();
        try
        {
            for (int vf = 0; vf < options.Vfs; vf++)
                owned.Push(connect(daemon.SocketOf(vf)));
            IDisposable[] devices = [.. owned];
            results.Add(Print(await MeasureAsync(daemon, options, transport, options.Vfs, driversUp: false)));
            foreach (IDisposable device in devices)
            {
                DriverMemory memory = DriverMemory.CreateShared("guest", Driver.MemoryNeeded);
                owned.Push(memory);
                owned.Push(open(device, memory));
            }

            results.Add(Print(await MeasureAsync(daemon, options, transport, options.Vfs, driversUp: true)));
            return results;
        }
        finally
        {
            foreach (IDisposable one in owned)
                one.Dispose();
        }
    }

    private static IdleResult Print(IdleResult result)
    {
        Console.WriteLine(
            $"{result.Transport,-10} {result.Vfs,5} {(result.DriversUp ? "up" : "none"),-7} {result.PercentOfCore,11:F3} {result.Highest,8:F3} "
            + $"{result.ResidentMegabytes,7:F1} {result.Descriptors,6} {result.Threads,7}");
        return result;
    }

    private static async Task<IdleResult> MeasureAsync(BenchDaemon daemon, BenchOptions options, string transport, int vfs, bool driversUp)
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
            transport,
            vfs,
            driversUp,
            Medians.Of(samples, sample => sample),
            samples.Max(),
            daemon.Figures.ResidentBytes / (1024.0 * 1024),
            daemon.Figures.Descriptors,
            daemon.Figures.Threads);
    }
}
