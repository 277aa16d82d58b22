using System.Numerics;

namespace SoftIov.Datapath;

/// <summary>
/// Histogram of the time between two rounds of a poller that is awake: how long anything that comes may wait to be seen. Buckets are quarters
/// of powers of two. One thread counts, any may read.
/// </summary>
internal sealed class PollGaps
{
    private const int StepBits = 2;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[64 * Steps];
    private long _longest;

    /// <summary>Buckets.</summary>
    public int Length => _counts.Length;

    /// <summary>The longest gap so far, in ticks.</summary>
    public long LongestTicks => Volatile.Read(ref _longest);

    /// <summary>Gaps in a bucket so far.</summary>
    public long this[int bucket] => Volatile.Read(ref _counts[bucket]);

    /// <summary>Counts one gap.</summary>
    public void Add(long ticks)
    {
        ref long count = ref _counts[BucketOf(ticks)];
        Volatile.Write(ref count, count + 1);
        if (ticks > _longest)
        {
            Volatile.Write(ref _longest, ticks);
        }
    }

    /// <summary>Which bucket counts gaps of so many ticks.</summary>
    public static int BucketOf(long ticks)
    {
        if (ticks < Steps)
        {
            return (int)Math.Max(ticks, 0);
        }

        int power = BitOperations.Log2((ulong)ticks);
        return ((power - StepBits + 1) << StepBits) + (int)((ticks >> (power - StepBits)) & (Steps - 1));
    }

    /// <summary>The shortest gap that is too long for a bucket, in ticks; <see cref="long.MaxValue"/> for the last ones.</summary>
    public static long EndOf(int bucket)
    {
        int next = bucket + 1;
        int power = (next >> StepBits) + StepBits - 1;
        return next < Steps ? next : power >= 63 ? long.MaxValue : (long)(Steps | (next & (Steps - 1))) << (power - StepBits);
    }
}
