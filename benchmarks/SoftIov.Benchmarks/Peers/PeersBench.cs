using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>
/// <c>./bench net --peers</c>: the same client, in turn, at this switch, at Open vSwitch with DPDK and at testpmd's own vhost ports; one processor
/// for the switch, one for the client. Ratios are those of one run; absolute figures are the machine's.
/// </summary>
internal static class PeersBench
{
    /// <summary>Programs take more than they were told to.</summary>
    private const int SlackMegabytes = 128;

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(PeersBenchOptions options)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("softiov-peers-");
        try
        {
            string last = "";
            PeerPrograms programs = await PeerPrograms.PrepareAsync(new Progress<BedProgress>(Tell), CancellationToken.None);
            int programCount = options.Switches.Length + 1;
            using var pages = new HugePages(Path.Combine(folder.FullName, "huge"), programCount * (TestpmdClient.Megabytes + SlackMegabytes));
            var client = new TestpmdClient(programs, pages, folder.FullName);
            await using var switches = new PeerSwitches();
            foreach (string name in options.Switches)
                switches.Add(await StartAsync(name, programs, folder.FullName, pages));
            await MeasureAsync(client, switches, options);
            return 0;

            void Tell(BedProgress progress)
            {
                if (progress.Step != last)
                    Console.Error.WriteLine($"{last = progress.Step} ...");
            }
        }
        catch (BedException missing)
        {
            await Console.Error.WriteLineAsync($"bench: {missing.Message}");
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(TestpmdClient client, PeerSwitches switches, PeersBenchOptions options)
    {
        var report = new PeersReport(options.Runs);
        Console.WriteLine(PeersReport.Head);
        try
        {
            foreach ((string ring, string mode, int size) in Cases(options))
            {
                Task<PeerResult> Measure(IPeerSwitch at) => client.MeasureAsync(at, mode, ring, size, options);
                foreach (PeerResult result in await switches.MeasureInTurnAsync(options.Runs, Measure))
                    Console.WriteLine(report.Add(result));
                report.TscMegahertz = client.TscMegahertz;
            }
        }
        finally
        {
            if (!report.IsEmpty)
                await FinishAsync(options, report);
        }
    }

    private static async Task<IPeerSwitch> StartAsync(string name, PeerPrograms programs, string folder, HugePages pages) => name switch
    {
        "ovs" => await OvsSwitch.StartAsync(programs, folder, pages),
        "vhostIo" => await VhostIoSwitch.StartAsync(programs, folder, pages),
        _ => new SoftIovSwitch(folder),
    };

    private static IEnumerable<(string Ring, string Mode, int Size)> Cases(PeersBenchOptions options) =>
        from ring in options.Rings from mode in options.Modes from size in options.Sizes select (ring, mode, size);

    /// <summary>Says and keeps what was measured, all of it or up to a failure.</summary>
    private static async Task FinishAsync(PeersBenchOptions options, PeersReport report)
    {
        foreach (string line in report.RatioLines())
            Console.WriteLine(line);
        string document = report.ToJson();
        Directory.CreateDirectory(Path.GetDirectoryName(options.Output)!);
        await File.WriteAllTextAsync(options.Output, document + "\n");
        Console.WriteLine($"written to {options.Output}");
        if (options.Json)
            Console.WriteLine(document);
    }
}
