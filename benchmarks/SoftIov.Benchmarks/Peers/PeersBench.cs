using System.Text.Json;
using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Report;
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

    private static readonly string[] Peers = ["ovs", "vhostIo"];

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync(NetBenchOptions options)
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
            var results = new List<PeerResult>();
            Console.WriteLine($"{"switch",-8} {"mode",-5} {"ring",-7} {"size",6} {"Mpps",8} {"ns/frame",8} {"busy ns",8}");
            foreach ((string ring, string mode, int size) in Cases(options))
            {
                Task<PeerResult> Measure(IPeerSwitch at) => client.MeasureAsync(at, mode, ring, size, options);
                foreach (PeerResult result in await switches.MeasureInTurnAsync(options.Runs, Measure))
                    results.Add(Print(result));
            }

            Report(options, results);
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

    private static async Task<IPeerSwitch> StartAsync(string name, PeerPrograms programs, string folder, HugePages pages) => name switch
    {
        "ovs" => await OvsSwitch.StartAsync(programs, folder, pages),
        "vhostIo" => await VhostIoSwitch.StartAsync(programs, folder, pages),
        _ => new SoftIovSwitch(folder),
    };

    private static IEnumerable<(string Ring, string Mode, int Size)> Cases(NetBenchOptions options) =>
        from ring in options.Rings from mode in options.Modes from size in options.Sizes select (ring, mode, size);

    private static bool IsPeer(PeerResult own, PeerResult other, string name) =>
        (other.Switch, other.Mode, other.Ring, other.Size) == (name, own.Mode, own.Ring, own.Size);

    private static PeerResult Print(PeerResult result)
    {
        string figures = $"{result.Mpps,8:F2} {1e3 / result.Mpps,8:F1} {result.BusyNsPerFrame,8:F1}";
        Console.WriteLine($"{result.Switch,-8} {result.Mode,-5} {result.Ring,-7} {result.Size,6} {figures}");
        return result;
    }

    /// <summary>Ratios to each peer, the smallest of all modes and rings of a size.</summary>
    private static void Report(NetBenchOptions options, List<PeerResult> results)
    {
        var ratios = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (PeerResult own in results.Where(result => result.Switch == "softiov"))
        {
            foreach (string peer in Peers)
            {
                if (results.SingleOrDefault(result => IsPeer(own, result, peer)) is not { } other)
                    continue;
                string name = $"{peer}{own.Size}";
                ratios[name] = Math.Min(ratios.GetValueOrDefault(name, double.MaxValue), Math.Round(own.Mpps / other.Mpps, 2));
            }
        }

        foreach ((string name, double ratio) in ratios)
            Console.WriteLine($"{name,-12} {ratio,6:F2}");
        if (options.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { bench = "peers", runs = options.Runs, machine = MachineFacts.Read(), ratios, results }, JsonSerializerOptions.Web));
        }
    }
}
