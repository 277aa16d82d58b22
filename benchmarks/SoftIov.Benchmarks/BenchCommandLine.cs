using SoftIov.Benchmarks.Gaps;
using SoftIov.Benchmarks.Idle;
using SoftIov.Benchmarks.Latency;
using SoftIov.Benchmarks.Micro;
using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Nvme;
using SoftIov.Benchmarks.Peers;
using SoftIov.Benchmarks.Report;
using SoftIov.Benchmarks.Scale;

namespace SoftIov.Benchmarks;

/// <summary>The command line of <c>./bench</c>: which bench, and with what.</summary>
internal static class BenchCommandLine
{
    private const int UsageError = 2;

    private static readonly string[] Names = ["net", "nvme", "latency", "micro", "idle", "scale", "gaps"];

    /// <summary>Runs what it asks for; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var words = new BenchWords(arguments);
        try
        {
            // The script's own word: where builds and results of the working tree are.
            string artifacts = words.Text("--artifacts", Directory.GetCurrentDirectory());
            string? name = words.TakeCommand();
            if (words.Flag("--help") | words.Flag("-h") || name == "help")
            {
                Console.WriteLine(Usage(name));
                return 0;
            }

            return await Choose(name, words, artifacts)();
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync($"bench: {wrong.Message}\n{Usage(null)}");
            return UsageError;
        }
    }

    /// <summary>What is to run; all of the words are read before it does.</summary>
    private static Func<Task<int>> Choose(string? name, BenchWords words, string artifacts)
    {
        string programs = Path.Combine(artifacts, "softiov");
        return name switch
        {
            "net" when words.Flag("--peers") => After(words, PeersBenchOptions.Parse(words, artifacts), PeersBench.RunAsync),
            "net" => After(words, NetBenchOptions.Parse(words), NetBench.Run),
            "nvme" => After(words, NvmeBenchOptions.Parse(words), NvmeBench.Run),
            "latency" => After(words, BenchOptions.Parse(words), LatencyBench.Run),
            "micro" => After(words, MicroBenchOptions.Parse(words), MicroBench.Run),
            "idle" => After(words, BenchOptions.Parse(words, 256, leastVfs: 1, programs), IdleBench.RunAsync),
            "gaps" => After(words, BenchOptions.Parse(words, 16, leastVfs: 2, programs), GapsBench.RunAsync),
            "scale" => After(words, BenchOptions.Parse(words, 1024, leastVfs: 1, programs), ScaleBench.RunAsync),
            null => throw new UsageException("which bench?"),
            _ => throw new UsageException($"there is no bench '{name}'"),
        };
    }

    private static Func<Task<int>> After<T>(BenchWords words, T options, Func<T, Task<int>> run)
    {
        words.End();
        return () => run(options);
    }

    private static Func<Task<int>> After<T>(BenchWords words, T options, Func<T, int> run) =>
        After(words, options, all => Task.FromResult(run(all)));

    private static string Usage(string? name)
    {
        string[] about = name is not null && Names.Contains(name) ? [name] : Names;
        return "usage: " + string.Join("\n       ", about.Select(one => $"./bench {one} {OptionsOf(one)}"));
    }

    private static string OptionsOf(string name) => name switch
    {
        "net" => $"{NetBenchOptions.Usage}\n       ./bench net --peers {PeersBenchOptions.Usage}",
        "nvme" => NvmeBenchOptions.Usage,
        "micro" => MicroBenchOptions.Usage,
        "latency" => BenchOptions.Usage,
        _ => $"{BenchOptions.Usage} [--vfs N]",
    };
}
