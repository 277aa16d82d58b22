using BenchmarkDotNet.Attributes;
using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>Asking a port's rate for credit and charging a burst to it, in ns for a burst.</summary>
public class RateBenchmarks
{
    private const int BurstBytes = 32 * 1518;
    private const long TicksPerSecond = 1_000_000_000;
    private const int BurstTicks = 3_886; // at 100 Gbit/s: nobody is held up

    private readonly RateLimiter _unlimited = new(new LineRate(TicksPerSecond));
    private readonly RateLimiter _limited = new(new LineRate(TicksPerSecond));
    private readonly RateLimiter _guaranteed = new(new LineRate(TicksPerSecond) { Megabits = 1_000_000 });
    private long _now;

    public RateBenchmarks()
    {
        _unlimited.Apply(VfPolicy.Default);
        _limited.Apply(VfPolicy.Default with { MaxTxRateMegabits = 200_000 });
        _guaranteed.Apply(VfPolicy.Default with { MaxTxRateMegabits = 200_000, MinTxRateMegabits = 1000 });
    }

    [Benchmark]
    public int Unlimited() => Send(_unlimited);

    [Benchmark]
    public int Maximum() => Send(_limited);

    /// <summary>Maximum, minimum and the line that functions share: three buckets.</summary>
    [Benchmark]
    public int MinimumOfLine() => Send(_guaranteed);

    private int Send(RateLimiter rate)
    {
        _now += BurstTicks;
        int credit = rate.CreditBytes(_now, out _);
        rate.Charge(BurstBytes, _now);
        return credit;
    }
}
