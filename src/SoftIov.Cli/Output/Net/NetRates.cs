using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Traffic of one network function per second.</summary>
internal sealed record NetRates(
    string Target,
    double RxPacketsPerSecond,
    double RxBitsPerSecond,
    double TxPacketsPerSecond,
    double TxBitsPerSecond,
    double RxDroppedPerSecond,
    double TxDroppedPerSecond,
    double SpoofDroppedPerSecond,
    double VlanDroppedPerSecond) : FunctionRates(Target)
{
    /// <summary>From two readings; <paramref name="before"/> is null for a function that was not there.</summary>
    public static NetRates Between(string target, NetCounters? before, NetCounters now, double seconds)
    {
        double Rate(Func<NetCounters, long> counter) => PerSecond(before is null ? 0 : counter(before), counter(now), seconds);

        return new NetRates(
            target,
            Rate(c => c.RxPackets),
            Rate(c => c.RxBytes * 8),
            Rate(c => c.TxPackets),
            Rate(c => c.TxBytes * 8),
            Rate(c => c.RxDropped),
            Rate(c => c.TxDropped),
            Rate(c => c.SpoofDropped),
            Rate(c => c.VlanDropped));
    }
}
