using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// A receive and a transmit queue with one place at a poller. Polling sends what the driver queued; the receive side is filled by
/// whoever sends to it, and needs the poller only for interrupts that are held back.
/// </summary>
internal sealed class QueuePair(int index, ReceiveQueue receive, TransmitQueue transmit) : IPollable
{
    private PollHandle? _handle;

    /// <summary>Number of the pair, from 0.</summary>
    public int Index => index;

    public ReceiveQueue Receive => receive;

    public TransmitQueue Transmit => transmit;

    /// <summary>Its place at a poller while it runs.</summary>
    public PollHandle? Handle
    {
        get => _handle;
        set
        {
            _handle = value;
            receive.Timer = value;
        }
    }

    public int Poll(PollContext context)
    {
        receive.ExpireTimer(context);
        receive.LookAhead();
        return transmit.Poll(context, index);
    }

    public bool Arm(PollContext context)
    {
        receive.ExpireTimer(context);
        return transmit.Arm();
    }

    public void Disarm() => transmit.Disarm();
}
