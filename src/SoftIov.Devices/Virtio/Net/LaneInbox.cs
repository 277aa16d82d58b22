using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The receiving side of a function in its own lane: shared pollers leave copies here and go on; the lane lays them into receive buffers.
/// </summary>
internal sealed class LaneInbox(FrameStore store, IFramePort receiver, ReadOnlyMemory<DeviceQueue> queues, NetFunctionCounters counters)
    : IFramePort, IPollable
{
    /// <summary>Frames of the burst that a cancelled message interrupted, and those of them that are done.</summary>
    private int _burst = FrameBatch.Capacity;
    private FrameSet _done = FrameSet.None;

    public OffloadSet AcceptedOffloads => receiver.AcceptedOffloads;

    /// <summary>Its place in the lane.</summary>
    public PollHandle? Handle { get; set; }

    public FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        FrameSet taken = store.Put(batch, frames);
        Handle?.Wake();
        if (taken != frames)
            Interlocked.Add(ref counters.ReceiveNoBuffer, frames.Count - taken.Count);
        return taken;
    }

    public int Poll(PollContext context)
    {
        int count = store.Take(context.Frames, _burst);
        if (count == 0)
            return 0;

        FrameSet wanted = FrameSet.First(count).Except(_done);
        FrameSet taken = receiver.Deliver(context.Frames, wanted);
        context.Frames.Clear();
        if (taken != wanted && IsStalled())
        {
            _burst = count;
            _done = new FrameSet(_done.Bits | taken.Bits);
            return 0;
        }

        store.Remove(count);
        _burst = FrameBatch.Capacity;
        _done = FrameSet.None;
        return count;
    }

    public bool Arm(PollContext context) => !store.IsEmpty && !IsStalled();

    public void Disarm()
    {
    }

    private bool IsStalled()
    {
        foreach (DeviceQueue queue in queues.Span)
        {
            if (queue.Ring is Virtqueue { IsStalled: true })
                return true;
        }

        return false;
    }
}
