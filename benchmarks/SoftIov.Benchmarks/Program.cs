using SoftIov.Benchmarks.Net;
using SoftIov.Benchmarks.Nvme;

return args switch
{
    ["net", .. string[] options] when NetBenchOptions.TryParse(options, out NetBenchOptions parsed) => NetBench.Run(parsed),
    ["nvme", .. string[] options] when NvmeBenchOptions.TryParse(options, out NvmeBenchOptions parsed) => NvmeBench.Run(parsed),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"usage: bench net {NetBenchOptions.Usage}\n       bench nvme {NvmeBenchOptions.Usage}");
    return 2;
}
