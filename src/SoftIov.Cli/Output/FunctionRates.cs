using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Traffic of one function per second.</summary>
internal sealed record FunctionRates(
    string Target,
    double RxPacketsPerSecond,
    double RxBitsPerSecond,
    double TxPacketsPerSecond,
    double TxBitsPerSecond,
    double RxDroppedPerSecond,
    double TxDroppedPerSecond,
    double SpoofDroppedPerSecond,
    double VlanDroppedPerSecond)
{
    /// <summary>From two readings; <paramref name="before"/> is null for a function that was not there.</summary>
    public static FunctionRates Between(FunctionCounters? before, FunctionStats now, double seconds)
    {
        double Rate(Func<FunctionCounters, long> counter)
        {
            long earlier = before is null ? 0 : counter(before);
            long later = counter(now.Counters);

            // A counter that went back belongs to a function made anew: it began at 0.
            return Math.Round((later >= earlier ? later - earlier : later) / seconds, 3);
        }

        return new FunctionRates(
            now.Target,
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
