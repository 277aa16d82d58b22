namespace SoftIov.Datapath;

/// <summary>Something a poller visits: the queues of a function, or an uplink. All calls come from that poller's thread.</summary>
public interface IPollable
{
    /// <summary>Does at most one burst of work; returns how many frames or commands it handled. 0 means idle (or nothing allowed yet).</summary>
    int Poll(PollContext context);

    /// <summary>
    /// Asks to be woken by <see cref="PollHandle.Wake"/> when work arrives. True when there is work to do now: it then stays polled and
    /// <see cref="Disarm"/> follows. It was polled just before, with its wakes counting again, and had nothing: only what comes without a
    /// wake until it is asked for here, as from a driver that spares its notifications, need be looked at again. Work that is due later by
    /// itself (a rate limit, a coalescing timer) is announced by <see cref="PollContext.WakeAt"/> here or in <see cref="Poll"/>, and the
    /// answer is false: the poller comes back at that time.
    /// </summary>
    bool Arm(PollContext context);

    /// <summary>The poller polls again: no need to wake it.</summary>
    void Disarm();
}
