using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Something of a function in its own lane: what a cancelled message left undone in its queues is tried again every millisecond.
/// </summary>
internal sealed class LanePollable(IPollable inner, ReadOnlyMemory<DeviceQueue> queues, long ticksPerSecond) : IPollable
{
    private const int RetriesPerSecond = 1000;

    public int Poll(PollContext context)
    {
        foreach (DeviceQueue queue in queues.Span)
            Retry(queue);

        // Beyond this point a queue that is stalled stalled in this very burst.
        int handled = inner.Poll(context);
        ComeBackIfStalled(context);
        return handled;
    }

    public bool Arm(PollContext context)
    {
        bool hasWork = inner.Arm(context);
        ComeBackIfStalled(context);
        return hasWork;
    }

    public void Disarm() => inner.Disarm();

    private static void Retry(DeviceQueue queue)
    {
        if (queue.Ring is not { IsStalled: true } ring)
            return;

        ring.Retry();
        if (!ring.IsStalled && ring.NeedsInterrupt())
            queue.Interrupt();
    }

    private void ComeBackIfStalled(PollContext context)
    {
        foreach (DeviceQueue queue in queues.Span)
        {
            if (queue.Ring is Virtqueue { IsStalled: true })
                context.WakeAt(context.NowTicks + (ticksPerSecond / RetriesPerSecond));
        }
    }
}
