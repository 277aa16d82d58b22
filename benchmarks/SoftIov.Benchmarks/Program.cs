using SoftIov.Benchmarks.Net;

return args is ["net", .. string[] options] && NetBenchOptions.TryParse(options, out NetBenchOptions parsed)
    ? NetBench.Run(parsed)
    : Usage();

static int Usage()
{
    Console.Error.WriteLine($"usage: bench net {NetBenchOptions.Usage}");
    return 2;
}
