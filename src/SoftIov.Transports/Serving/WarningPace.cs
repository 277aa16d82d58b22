namespace SoftIov.Transports;

/// <summary>At most one warning a second: what a client can cause fills no log.</summary>
internal sealed class WarningPace(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _last;

    /// <summary>Whether a warning may be given now, which then counts as given.</summary>
    public bool Allows()
    {
        long now = time.GetTimestamp();
        if (_last != 0 && time.GetElapsedTime(_last, now) < Interval)
            return false;
        _last = now;
        return true;
    }
}
