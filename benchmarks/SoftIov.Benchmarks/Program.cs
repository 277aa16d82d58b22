using SoftIov.Benchmarks.Gaps;
using SoftIov.Benchmarks.Idle;
using SoftIov.Benchmarks.Latency;
using SoftIov.Benchmarks.Micro;
using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Nvme;
using SoftIov.Benchmarks.Peers;
using SoftIov.Benchmarks.Report;
using SoftIov.Benchmarks.Scale;

MachineFacts.Begin();
return args switch
{
    ["net", "--peers", ..] when NetBenchOptions.TryParse(args[1..], out NetBenchOptions parsed) => await PeersBench.RunAsync(parsed),
    ["net", .. string[] rest] when NetBenchOptions.TryParse(rest, out NetBenchOptions parsed) => NetBench.Run(parsed),
    ["nvme", .. string[] rest] when NvmeBenchOptions.TryParse(rest, out NvmeBenchOptions parsed) => NvmeBench.Run(parsed),
    ["latency", .. string[] rest] when BenchOptions.TryParse(rest, 2, out BenchOptions parsed) => LatencyBench.Run(parsed),
    ["micro", .. string[] rest] when MicroBenchOptions.TryParse(rest, out MicroBenchOptions parsed) => MicroBench.Run(parsed),
    ["idle", .. string[] rest] when BenchOptions.TryParse(rest, 256, out BenchOptions parsed) => await IdleBench.RunAsync(parsed),
    ["gaps", .. string[] rest] when BenchOptions.TryParse(rest, 16, out BenchOptions parsed) && parsed.Vfs > 1 => await GapsBench.RunAsync(parsed),
    ["scale", .. string[] rest] when BenchOptions.TryParse(rest, 1024, out BenchOptions parsed) => await ScaleBench.RunAsync(parsed),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        $"""
        usage: bench net {NetBenchOptions.Usage}
               bench nvme {NvmeBenchOptions.Usage}
               bench latency {BenchOptions.Usage}
               bench micro {MicroBenchOptions.Usage}
               bench idle|scale|gaps {BenchOptions.Usage} [--vfs N]
        """);
    return 2;
}
