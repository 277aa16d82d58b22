namespace SoftIov.Benchmarks.Latency;

/// <summary>One run; times in microseconds.</summary>
internal readonly record struct LatencySample(int RoundTrips, double P50, double P99, double P999, double Longest, long AllocatedBytes);
