namespace SoftIov.Benchmarks.Latency;

/// <summary>Round trips of one frame of 64 bytes between the drivers of two VFs, in microseconds; medians of the runs.</summary>
/// <param name="Mode">polling, interrupts or asleep.</param>
/// <param name="Ring">split or packed.</param>
/// <param name="RoundTrips">Of all runs.</param>
/// <param name="P50">Half took no longer.</param>
/// <param name="P99">99 of 100 took no longer.</param>
/// <param name="P999">999 of 1000 took no longer.</param>
/// <param name="Longest">The longest of a run.</param>
/// <param name="AllocatedBytes">Bytes allocated in the whole process during the runs, all threads.</param>
internal sealed record LatencyResult(
    string Mode, string Ring, long RoundTrips, double P50, double P99, double P999, double Longest, long AllocatedBytes);
