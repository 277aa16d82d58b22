using SoftIov.Api;

namespace SoftIov.Benchmarks.Gaps;

/// <summary>What one run gave: frames, requests, and the gaps of all pollers.</summary>
internal readonly record struct GapsSample(long Frames, long Requests, double Seconds, PollGap[] Gaps);
