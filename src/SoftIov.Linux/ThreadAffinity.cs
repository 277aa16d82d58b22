namespace SoftIov.Linux;

/// <summary>The processors that a thread may run on (sched_setaffinity(2)).</summary>
public static unsafe class ThreadAffinity
{
    /// <summary>Processors are numbered below this.</summary>
    public const int MaxProcessors = 4096;

    private const int Words = MaxProcessors / 64;

    /// <summary>Those of the calling thread, ascending.</summary>
    public static IReadOnlyList<int> Allowed
    {
        get
        {
            ulong* mask = stackalloc ulong[Words];
            new Span<ulong>(mask, Words).Clear();
            LinuxException.Check(Libc.GetAffinity(0, Words * sizeof(ulong), mask), "sched_getaffinity", "the calling thread");
            var allowed = new List<int>();
            for (int processor = 0; processor < MaxProcessors; processor++)
            {
                if ((mask[processor / 64] & (1UL << processor)) != 0)
                {
                    allowed.Add(processor);
                }
            }

            return allowed;
        }
    }

    /// <summary>Binds the calling thread to one processor; false when there is none of that number that it may use.</summary>
    public static bool TryPin(int processor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(processor, MaxProcessors);
        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        mask[processor / 64] = 1UL << processor;
        return Libc.SetAffinity(0, Words * sizeof(ulong), mask) == 0;
    }
}
