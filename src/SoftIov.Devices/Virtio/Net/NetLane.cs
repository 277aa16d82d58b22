using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// A poller of one function's own, for a function whose rings or buffers only messages reach: each access blocks for a round trip to its
/// client, and shared pollers must not wait for anyone's client. Frames cross between the two as copies, in bounded stores.
/// </summary>
internal sealed class NetLane : IDisposable
{
    private readonly PollScheduler _scheduler;
    private readonly DmaDomain _dma;
    private readonly PollScheduler? _shared;
    private readonly DeviceQueue[] _receiveQueues;
    private readonly long _ticksPerSecond;

    /// <summary>A lane that is empty.</summary>
    public NetLane(
        DmaDomain dma, SwitchPort port, QueuePair[] pairs, IFramePort receiver, LaneStores stores, PollScheduler? shared,
        NetFunctionCounters counters, TimeProvider time)
    {
        _dma = dma;
        _shared = shared;
        _receiveQueues = Array.ConvertAll(pairs, pair => pair.Receive.Queue);
        _ticksPerSecond = time.TimestampFrequency;
        _scheduler = new PollScheduler([new SignalSleep()], new PollSettings(SpinMicroseconds: 0), time);
        Inbox = new LaneInbox(stores.In, receiver, _receiveQueues, counters);
        Outbox = new LaneOutbox(stores.Out, port, time.TimestampFrequency);
        dma.Lane = _scheduler;
    }

    /// <summary>What to connect to the port.</summary>
    public LaneInbox Inbox { get; }

    /// <summary>Where transmit queues send.</summary>
    public LaneOutbox Outbox { get; }

    /// <summary>Frames may come and go from now on.</summary>
    public void Start(string name)
    {
        Inbox.Handle = Add(Inbox, name + "/inbox", _receiveQueues);
        Outbox.Handle = _shared?.Add(Outbox, name + "/outbox");
    }

    /// <summary>Has something polled here.</summary>
    public PollHandle Add(IPollable pollable, string name, params DeviceQueue[] queues) =>
        _scheduler.Add(new LanePollable(pollable, queues, _ticksPerSecond), name);

    /// <summary>Returns when the lane is in nothing that began before; messages under way are cancelled, to be tried again.</summary>
    public void WaitForQuietPoint() => WithoutMessages(_scheduler.WaitForQuietPoint);

    /// <summary>Stops it; nobody is in it any more. The port must not lead here any more.</summary>
    public void Dispose()
    {
        if (Outbox.Handle is { } handle)
            _shared!.Remove(handle);
        WithoutMessages(_scheduler.Dispose);
        _dma.Lane = null;
    }

    private void WithoutMessages(Action wait)
    {
        IMessageDma? messages = _dma.Messages;
        messages?.Suspend();
        try
        {
            wait();
        }
        finally
        {
            messages?.Resume();
        }
    }
}
