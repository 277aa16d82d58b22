namespace SoftIov.Daemon.Composition;

/// <summary>
/// How fast a guest that has an adapter whole enables VFs. Their ports and tables are garbage once it disables them, and pollers pause for
/// collections: a guest that does it over and over waits, on the loop of its own adapter. Operating systems wait a second each time (PCIe
/// 9.3.3.3.1) and notice nothing.
/// </summary>
internal sealed class EnablingPace(TimeProvider time)
{
    /// <summary>What it costs to be quick.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    /// <summary>Sooner after the time before than anybody who keeps the rules.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(100);

    private long _last;

    /// <summary>The guest enabled VFs. On its own loop, without locks.</summary>
    public void Enabled()
    {
        if (_last != 0 && time.GetElapsedTime(_last) < Quick)
            Thread.Sleep(Rest);
        _last = time.GetTimestamp();
    }
}
