namespace SoftIov.Datapath;

/// <summary>One frame in a <see cref="CaptureRing"/>.</summary>
/// <param name="UnixNanoseconds">When its burst passed, in nanoseconds since 1970 UTC.</param>
/// <param name="Length">Length of the whole frame in bytes.</param>
/// <param name="CapturedLength">Bytes of it that were kept.</param>
/// <param name="Direction">Which way it went.</param>
public readonly record struct CapturedFrame(long UnixNanoseconds, int Length, int CapturedLength, CaptureDirection Direction);
