namespace SoftIov.Benchmarks.Micro;

/// <summary>One stage in one case.</summary>
/// <param name="Stage">Class and method of the benchmark.</param>
/// <param name="Case">Its parameters.</param>
/// <param name="Nanoseconds">For one frame, chain, sum or look-up: the median of the iterations.</param>
/// <param name="Deviation">Standard deviation of the iterations in nanoseconds.</param>
/// <param name="AllocatedBytes">For one.</param>
internal sealed record MicroResult(string Stage, string Case, double Nanoseconds, double Deviation, long AllocatedBytes);
