namespace SoftIov.Benchmarks.Nvme;

/// <summary>What one run counted.</summary>
/// <param name="Commands">Completed.</param>
/// <param name="Seconds">It took.</param>
/// <param name="P99Microseconds">99th percentile of latency.</param>
/// <param name="PollerNanoseconds">Processor time of the poller.</param>
/// <param name="AllocatedBytes">By the process.</param>
internal readonly record struct NvmeSample(long Commands, double Seconds, double P99Microseconds, long PollerNanoseconds, long AllocatedBytes);
