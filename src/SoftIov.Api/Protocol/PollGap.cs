namespace SoftIov.Api;

/// <summary>Times between two rounds of a poller that were of about one length.</summary>
/// <param name="BelowMicroseconds">They were shorter than this, and not by more than a quarter.</param>
/// <param name="Count">How many.</param>
public sealed record PollGap(double BelowMicroseconds, long Count)
{
    /// <summary>Microseconds that a share of the gaps, shortest first, was shorter than; 0 when there is none.</summary>
    public static double Quantile(IReadOnlyList<PollGap> gaps, double share)
    {
        long all = gaps.Sum(gap => gap.Count);
        long seen = 0;
        foreach (PollGap gap in gaps)
        {
            seen += gap.Count;
            if (seen >= share * all)
                return gap.BelowMicroseconds;
        }

        return 0;
    }
}
