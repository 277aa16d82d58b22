namespace SoftIov.Datapath;

/// <summary>How a poller's thread sleeps and is woken. One per poller; Wake may come from any thread and is remembered.</summary>
public interface IPollerSleep : IDisposable
{
    /// <summary>
    /// Sleeps until woken or until the time is over; a negative time means without end. A busy poller calls it with no time every now and
    /// then, for a sleep that watches descriptors to notice them.
    /// </summary>
    void Sleep(TimeSpan atMost);

    /// <summary>Ends the sleep under way, or the next one at once.</summary>
    void Wake();
}
