using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Micro;

/// <summary>
/// <c>./bench micro</c>: each stage of a frame's way by itself, and what was measured against it and lost. With BenchmarkDotNet, in this
/// process: figures are for comparison with each other, from one run.
/// </summary>
internal static class MicroBench
{
    private const double IterationMilliseconds = 50;

    private static readonly Type[] Stages =
    [
        typeof(RingBenchmarks),
        typeof(PolicyBenchmarks),
        typeof(RateBenchmarks),
        typeof(MacTableBenchmarks),
        typeof(SwitchBenchmarks),
        typeof(CopyBenchmarks),
        typeof(ChecksumBenchmarks),
        typeof(SegmentationBenchmarks),
        typeof(PrpBenchmarks),
    ];

    /// <summary>Measures and prints.</summary>
    public static int Run(MicroBenchOptions options)
    {
        IConfig config = Config(options.Filter);
        BenchmarkRunInfo[] all = [.. Stages.Select(stage => BenchmarkConverter.TypeToBenchmarks(stage, config))];
        BenchmarkRunInfo[] chosen = [.. all.Where(stage => stage.BenchmarksCases.Length != 0)];
        if (chosen.Length == 0)
        {
            Console.Error.WriteLine($"no stage has '{options.Filter}' in its name; there are: {string.Join(' ', Stages.Select(NameOf))}");
            return 1;
        }

        Console.WriteLine($"{"stage",-30} {"case",-18} {"ns",10} {"+/-",8} {"allocated",9}");
        var results = new List<MicroResult>();
        bool isWhole = true;
        foreach (BenchmarkRunInfo stage in chosen)
        {
            Summary summary = BenchmarkRunner.Run(stage);
            foreach (string error in summary.ValidationErrors.Where(error => error.IsCritical).Select(error => error.Message))
                Console.Error.WriteLine(error);
            isWhole &= !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success);
            results.AddRange(summary.Reports.Where(report => report.Success).Select(Print));
        }

        if (options.Json)
            BenchReport.Write("micro", 1, results);
        return isWhole ? 0 : 1;
    }

    /// <summary>Warm until the profile has done its work; iterations are short and many, since a neighbour's time slice spoils one.</summary>
    private static ManualConfig Config(string filter)
    {
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.Instance)
                .WithIterationTime(TimeInterval.FromMilliseconds(IterationMilliseconds))
                .WithWarmupCount(10)
                .WithIterationCount(9))
            .AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)))
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Path.GetTempPath())
            .WithOptions(ConfigOptions.DisableLogFile);
        return filter.Length == 0 ? config : config.AddFilter(new GlobFilter([$"*{filter}*"]));
    }

    private static MicroResult Print(BenchmarkReport report)
    {
        BenchmarkCase one = report.BenchmarkCase;
        var result = new MicroResult(
            $"{NameOf(one.Descriptor.Type)}.{one.Descriptor.WorkloadMethod.Name}",
            string.Join(' ', one.Parameters.Items.Select(item => $"{item.Name}={item.Value}")),
            report.ResultStatistics!.Median,
            report.ResultStatistics.StandardDeviation,
            report.GcStats.GetBytesAllocatedPerOperation(one) ?? 0);
        Console.WriteLine(
            $"{result.Stage,-30} {result.Case,-18} {result.Nanoseconds,10:F2} {result.Deviation,8:F2} {result.AllocatedBytes,9}");
        return result;
    }

    private static string NameOf(Type stage) => stage.Name.Replace("Benchmarks", "", StringComparison.Ordinal);
}
