namespace SoftIov.Datapath;

/// <summary>Something a poller visits: the queues of a function, or an uplink. All calls come from that poller's thread.</summary>
public interface IPollable
{
    /// <summary>Does at most one burst of work; returns how many frames or commands it handled. 0 means idle.</summary>
    int Poll(PollContext context);

    /// <summary>
    /// Asks to be woken by <see cref="PollHandle.Wake"/> when work arrives. True when work is there already, or is due by itself at
    /// <see cref="PollContext.WakeAt"/>: the poller then does not sleep on this one.
    /// </summary>
    bool Arm(PollContext context);

    /// <summary>The poller polls again: no need to wake it.</summary>
    void Disarm();
}
