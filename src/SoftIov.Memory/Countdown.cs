namespace SoftIov.Memory;

/// <summary>How often something injected still happens. Set by control code, taken from any thread without a lock.</summary>
public sealed class Countdown
{
    /// <summary>Until it is set to another number.</summary>
    public const int Forever = -1;

    private int _left;

    /// <summary>Times left; 0 when nothing happens any more, <see cref="Forever"/> without end.</summary>
    public int Left
    {
        get => Volatile.Read(ref _left);
        set => Volatile.Write(ref _left, value);
    }

    /// <summary>Takes one of what is left; false when nothing is.</summary>
    public bool TryTake()
    {
        int left = Volatile.Read(ref _left);
        while (left > 0)
        {
            int seen = Interlocked.CompareExchange(ref _left, left - 1, left);
            if (seen == left)
            {
                return true;
            }

            left = seen;
        }

        return left == Forever;
    }
}
