using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The sending side of a function in its own lane: the lane leaves copies here, a shared poller sends them. Only shared pollers may touch
/// the receivers of others, since only for them is waited when one of those goes.
/// </summary>
internal sealed class LaneOutbox(FrameStore store, SwitchPort port, long ticksPerSecond) : ITransmitPath, IPollable
{
    private const int RetriesPerSecond = 10_000;

    /// <summary>Its place at a shared poller.</summary>
    public PollHandle? Handle { get; set; }

    public int CreditBytes(long nowTicks, out long retryAtTicks)
    {
        if (store.HasRoomForBurst)
            return port.TransmitCreditBytes(nowTicks, out retryAtTicks);

        retryAtTicks = nowTicks + (ticksPerSecond / RetriesPerSecond);
        return 0;
    }

    public void Send(FrameBatch frames, long nowTicks)
    {
        store.Put(frames, FrameSet.First(frames.Count));
        Handle?.Wake();
    }

    public int Poll(PollContext context)
    {
        int count = store.Take(context.Frames, context.Budget);
        if (count == 0)
            return 0;

        port.Transmit(context.Frames, context.NowTicks);
        context.Frames.Clear();
        store.Remove(count);
        return count;
    }

    public bool Arm(PollContext context) => !store.IsEmpty;

    public void Disarm()
    {
    }
}
