namespace SoftIov.Benchmarks.Nvme;

/// <summary>One row of <c>bench nvme</c>.</summary>
/// <param name="Backing">Store: null, memory, file.</param>
/// <param name="Depth">Commands in flight.</param>
/// <param name="Iops">Commands per second.</param>
/// <param name="MeanMicroseconds">From submission to completion.</param>
/// <param name="P99Microseconds">99th percentile of the same.</param>
/// <param name="PollerNanosecondsPerCommand">Processor time of the poller.</param>
/// <param name="AllocatedBytes">By the process while it was measured.</param>
internal sealed record NvmeResult(
    string Backing,
    int Depth,
    double Iops,
    double MeanMicroseconds,
    double P99Microseconds,
    double PollerNanosecondsPerCommand,
    long AllocatedBytes);
