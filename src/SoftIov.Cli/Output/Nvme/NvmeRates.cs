using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Commands of one NVMe controller per second.</summary>
internal sealed record NvmeRates(
    string Target,
    double ReadsPerSecond,
    double ReadBytesPerSecond,
    double WritesPerSecond,
    double WriteBytesPerSecond,
    double FlushesPerSecond,
    double ErrorsPerSecond) : FunctionRates(Target)
{
    /// <summary>From two readings; <paramref name="before"/> is null for a function that was not there.</summary>
    public static NvmeRates Between(string target, NvmeCounters? before, NvmeCounters now, double seconds)
    {
        double Rate(Func<NvmeCounters, long> counter) => PerSecond(before is null ? 0 : counter(before), counter(now), seconds);

        return new NvmeRates(
            target, Rate(c => c.Reads), Rate(c => c.ReadBytes), Rate(c => c.Writes), Rate(c => c.WriteBytes), Rate(c => c.Flushes),
            Rate(c => c.Errors));
    }
}
