namespace SoftIov.Benchmarks.Gaps;

/// <summary>A flood through a real daemon that answers requests meanwhile; medians of the runs.</summary>
/// <param name="StartMilliseconds">From starting the daemon until it has an adapter.</param>
/// <param name="Mpps">Frames of 64 bytes that arrived.</param>
/// <param name="Requests">Answered in a run.</param>
/// <param name="P99">99 of 100 gaps between two rounds of the poller were shorter, in microseconds.</param>
/// <param name="P9999">9999 of 10000 were.</param>
/// <param name="Longest">The longest of a run.</param>
/// <param name="ResidentMegabytes">Memory of the daemon at the end.</param>
internal sealed record GapsResult(
    double StartMilliseconds, double Mpps, double Requests, double P99, double P9999, double Longest, double ResidentMegabytes);
