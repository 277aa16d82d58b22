namespace SoftIov.Benchmarks.Net;

/// <summary>One run.</summary>
/// <param name="Frames">Frames delivered.</param>
/// <param name="Seconds">Wall time; when inline, processor time of the thread.</param>
/// <param name="PollerNanoseconds">Processor time of the poller; when inline, of its turns.</param>
/// <param name="AllocatedBytes">Bytes that all threads of the process allocated.</param>
internal readonly record struct NetSample(long Frames, double Seconds, long PollerNanoseconds, long AllocatedBytes);
