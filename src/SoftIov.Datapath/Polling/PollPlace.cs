namespace SoftIov.Datapath;

/// <summary>A slot of a poller. A pollable that moves gets another place; a wake that still goes to the old one does no harm.</summary>
internal sealed class PollPlace(Poller poller, ReadyBits ready, int slot)
{
    public Poller Poller => poller;

    public int Slot => slot;

    /// <summary>Marks the slot as having work, which was published with a full barrier behind it, and wakes the poller if that sleeps.</summary>
    public void Wake()
    {
        if (ready.Set(slot))
        {
            poller.WakeIfAsleep();
        }
    }
}
