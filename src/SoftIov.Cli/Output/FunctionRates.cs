using System.Text.Json.Serialization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>What one function does per second, between two readings of its counters.</summary>
[JsonDerivedType(typeof(NetRates))]
[JsonDerivedType(typeof(NvmeRates))]
internal abstract record FunctionRates(string Target)
{
    /// <summary>From two readings; <paramref name="before"/> is null for a function that was not there.</summary>
    public static FunctionRates Between(FunctionCounters? before, FunctionStats now, double seconds) => now.Counters switch
    {
        NetCounters net => NetRates.Between(now.Target, before as NetCounters, net, seconds),
        NvmeCounters nvme => NvmeRates.Between(now.Target, before as NvmeCounters, nvme, seconds),
        _ => throw new InvalidOperationException($"counters of an unknown kind: {now.Counters.GetType().Name}"),
    };

    /// <summary>A counter that went back belongs to a function made anew: it began at 0.</summary>
    protected static double PerSecond(long before, long now, double seconds) => Math.Round((now >= before ? now - before : now) / seconds, 3);
}
