namespace SoftIov.Api;

/// <summary>What one controller did since it was made; resets do not clear it.</summary>
/// <param name="Reads">Read commands that ended well.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="Writes">Write commands that ended well.</param>
/// <param name="WriteBytes">Bytes written.</param>
/// <param name="Flushes">Flush commands.</param>
/// <param name="Others">Other I/O commands.</param>
/// <param name="Admins">Admin commands.</param>
/// <param name="Errors">Commands that ended with an error.</param>
/// <param name="MediaErrors">Reads and writes that the backing failed.</param>
/// <param name="Latency">Commands that took less than 2^n microseconds and not less than half of that, by n from 0; the last is all that took
/// longer. Only commands that waited for the backing are in it.</param>
public sealed record NvmeCounters(
    long Reads,
    long ReadBytes,
    long Writes,
    long WriteBytes,
    long Flushes,
    long Others,
    long Admins,
    long Errors,
    long MediaErrors,
    IReadOnlyList<long> Latency) : FunctionCounters
{
    /// <inheritdoc/>
    public override Personality Personality => Personality.Nvme;

    /// <summary>Microseconds that a share of the commands took less than; 0 when none was measured.</summary>
    public long LatencyMicroseconds(double share)
    {
        long all = Latency.Sum();
        long seen = 0;
        for (int i = 0; i < Latency.Count && all > 0; i++)
        {
            seen += Latency[i];
            if (seen >= share * all)
                return 1L << i;
        }

        return 0;
    }
}
