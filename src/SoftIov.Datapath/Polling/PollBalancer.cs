namespace SoftIov.Datapath;

/// <summary>
/// Decides whether a pollable shall go from the busiest poller to the idlest. One at a time, only when the busiest becomes clearly less busy
/// by it, and not again soon: each move costs a few microseconds in which nobody polls it, and caches.
/// </summary>
internal sealed class PollBalancer(TimeProvider time)
{
    /// <summary>A poller with less to do is not worth a move.</summary>
    private const double WorthHelp = 0.5;

    /// <summary>What the busier of the two must gain at least.</summary>
    private const double WorthMove = 0.1;

    private const int RestSeconds = 5;

    private long _lookedAtTicks = long.MinValue;

    /// <summary>Measures all loads since the last call, and says what to move, if anything. Allocates nothing.</summary>
    public PollMove? Look(ReadOnlySpan<Poller> pollers)
    {
        long now = time.GetTimestamp();
        bool isFirst = _lookedAtTicks == long.MinValue;
        long elapsed = isFirst ? 0 : now - _lookedAtTicks;
        _lookedAtTicks = now;
        Poller busiest = pollers[0];
        Poller idlest = pollers[0];
        foreach (Poller poller in pollers)
        {
            poller.Load.Update(poller.BusyTicks, elapsed);
            foreach (PollHandle? handle in poller.Handles)
            {
                handle?.Load.Update(handle.BusyTicks, elapsed);
            }

            busiest = poller.Load.Share > busiest.Load.Share ? poller : busiest;
            idlest = poller.Load.Share < idlest.Load.Share ? poller : idlest;
        }

        return busiest.Load.Share >= WorthHelp ? Choose(busiest, idlest, now) : null;
    }

    private PollMove? Choose(Poller from, Poller to, long now)
    {
        double most = from.Load.Share - WorthMove;
        PollHandle? chosen = null;
        foreach (PollHandle? handle in from.Handles)
        {
            if (handle is null || !MayMove(handle, now))
            {
                continue;
            }

            double share = handle.Load.Share;
            double after = Math.Max(from.Load.Share - share, to.Load.Share + share);
            if (after < most)
            {
                most = after;
                chosen = handle;
            }
        }

        return chosen is null ? null : new PollMove(chosen, to);
    }

    private bool MayMove(PollHandle handle, long now) =>
        handle.CanMove && !handle.IsStopped
        && (handle.Load.MovedAtTicks == long.MinValue || now - handle.Load.MovedAtTicks >= RestSeconds * time.TimestampFrequency);
}
