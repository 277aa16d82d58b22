using System.Numerics;

namespace SoftIov.Devices.Nvme;

/// <summary>How many commands took how long: a bucket for each power of two of microseconds. One thread writes, any reads.</summary>
public sealed class LatencyHistogram
{
    /// <summary>Bucket n counts what took less than 2^n microseconds and not less than half of that; the last, all that took longer.</summary>
    public const int BucketCount = 24;

    private readonly long[] _buckets = new long[BucketCount];

    /// <summary>Counts so far.</summary>
    public long this[int bucket] => Volatile.Read(ref _buckets[bucket]);

    /// <summary>Adds one.</summary>
    internal void Add(TimeSpan time)
    {
        long microseconds = Math.Max(time.Ticks / TimeSpan.TicksPerMicrosecond, 0);
        int bucket = Math.Min(64 - BitOperations.LeadingZeroCount((ulong)microseconds), BucketCount - 1);
        Volatile.Write(ref _buckets[bucket], _buckets[bucket] + 1);
    }
}
