using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The control queue, at a poller like the others: a poller comes by after a burst of each neighbour at most, which is microseconds, and
/// may use message DMA, which the control thread may not.
/// </summary>
internal sealed class ControlQueue(
    DeviceQueue queue, ControlCommands commands, CommandThrottle throttle, IVirtioDevice device, NetFunctionCounters counters,
    TimeProvider time) : IPollable
{
    private const byte Ok = 0;
    private const byte Error = 1;
    private const int AckLength = 1;
    private const int BurstLength = 8;

    private readonly uint[] _written = new uint[BurstLength];
    private ChainBatch? _chains;
    private bool _waitsForCredit;

    /// <summary>The virtqueue.</summary>
    public DeviceQueue Queue => queue;

    /// <summary>Its place at a poller while it runs.</summary>
    public PollHandle? Handle { get; set; }

    /// <summary>The queue is about to run.</summary>
    public void Prepare() => _chains ??= new ChainBatch(BurstLength, FrameBatch.SegmentCapacity);

    public int Poll(PollContext context)
    {
        Virtqueue? ring = queue.Ring;
        if (ring is null)
            return 0;

        int credit = throttle.Credit(context.NowTicks, out long retryAt);
        _waitsForCredit = credit <= 0 && !ring.IsEmpty;
        if (credit <= 0)
        {
            if (_waitsForCredit)
                context.WakeAt(retryAt);
            return 0;
        }

        ChainBatch chains = _chains!;
        int taken = ring.Take(chains, Math.Min(credit, BurstLength));
        if (taken == 0)
        {
            queue.CheckFault(ring);
            return 0;
        }

        long start = time.GetTimestamp();
        for (int i = 0; i < taken; i++)
            _written[i] = Execute(chains, i);
        throttle.Charge(taken, time.GetTimestamp() - start, commands.SwitchPorts);
        ring.Complete(chains, 0, _written.AsSpan(0, taken));
        ring.Publish();
        chains.Clear();
        if (ring.NeedsInterrupt())
            queue.Interrupt();
        return taken;
    }

    public bool Arm(PollContext context) => !_waitsForCredit && queue.Ring is { } ring && ring.ArmKicks();

    public void Disarm() => queue.Ring?.SuppressKicks();

    /// <summary>Acknowledgement first, then what the command answers; returns the bytes written.</summary>
    private uint Execute(ChainBatch chains, int index)
    {
        uint room = chains[index].WritableLength;
        if (room < AckLength)
        {
            device.Fail(queue.Index, VirtioFaultReason.NoAcknowledgement);
            return 0;
        }

        Span<byte> answer = stackalloc byte[AckLength + ControlCommands.MaxResultLength];
        var request = new ControlRequest(chains.Readable(index), chains[index].ReadableLength);
        bool isDone = commands.TryExecute(in request, answer[AckLength..], out int resultLength)
            && room >= AckLength + resultLength;
        counters.ControlCommands++;
        counters.ControlErrors += isDone ? 0 : 1;
        answer[0] = isDone ? Ok : Error;
        int length = AckLength + (isDone ? resultLength : 0);
        GuestCopy.Scatter(answer[..length], chains.Writable(index), 0);
        return (uint)length;
    }
}
