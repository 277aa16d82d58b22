using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// A transmit queue (virtio 1.4, 5.1.6.2): takes a burst, hands it to the switch, returns the buffers, interrupts once. Without transmit
/// credit the chains stay in the ring. All calls come from the pair's poller.
/// </summary>
internal sealed class TransmitQueue(
    DeviceQueue queue, SwitchPort port, ReceiveSteering steering, NetFunctionCounters counters, NotificationCoalescer coalescer)
{
    /// <summary>Segments of a burst: a chain as long as the longest queue fits.</summary>
    private const int SegmentCapacity = FrameBatch.SegmentCapacity;

    private static readonly uint[] NothingWritten = new uint[FrameBatch.Capacity];

    private ChainBatch? _chains;
    private ITransmitPath? _path;
    private VirtioFeatures _features;
    private int _headerLength;
    private bool _waitsForCredit;

    /// <summary>The virtqueue.</summary>
    public DeviceQueue Queue => queue;

    /// <summary>Holds interrupts back.</summary>
    public NotificationCoalescer Coalescer => coalescer;

    /// <summary>The features were negotiated; the queue does not run yet. Frames go <paramref name="path"/>.</summary>
    public void Configure(VirtioFeatures features, ITransmitPath path)
    {
        _path = path;
        _features = features;
        _headerLength = NetHeader.LengthWith(features);
        _chains ??= new ChainBatch(FrameBatch.Capacity, SegmentCapacity);
    }

    /// <summary>Sends at most one burst; returns how many chains it took.</summary>
    public int Poll(PollContext context, int pair)
    {
        Virtqueue? ring = queue.Ring;
        if (ring is null)
            return 0;

        ExpireTimer(ring, context);
        int credit = _path!.CreditBytes(context.NowTicks, out long retryAt);
        _waitsForCredit = credit <= 0 && !ring.IsEmpty;
        if (credit <= 0)
        {
            if (_waitsForCredit)
                context.WakeAt(retryAt);
            return 0;
        }

        ChainBatch chains = _chains!;
        int taken = ring.Take(chains, context.Budget);
        if (taken == 0)
        {
            queue.CheckFault(ring);
            return 0;
        }

        int used = Fill(chains, context.Frames, credit);
        if (used < taken)
            ring.Rewind(chains, used);
        Send(context, pair);
        ring.Complete(chains, 0, NothingWritten.AsSpan(0, used));
        ring.Publish();
        chains.Clear();
        if (coalescer.Add(used) && ring.NeedsInterrupt())
            queue.Interrupt();
        return used;
    }

    /// <summary>Asks for a kick; true when there is work already. While chains wait for credit the timer brings the poller back.</summary>
    public bool Arm() => !_waitsForCredit && queue.Ring is { } ring && ring.ArmKicks();

    /// <summary>No kicks while polled.</summary>
    public void Disarm() => queue.Ring?.SuppressKicks();

    private void Send(PollContext context, int pair)
    {
        FrameBatch frames = context.Frames;
        if (frames.Count == 0)
            return;

        if (steering.RemembersFlows)
            steering.Remember(frames, pair);
        _path!.Send(frames, context.NowTicks);
        frames.Clear();
    }

    /// <summary>Makes frames of the chains until the credit or the batch is used up; returns how many chains were looked at.</summary>
    private int Fill(ChainBatch chains, FrameBatch frames, int credit)
    {
        int malformed = 0;
        int i = 0;
        for (; i < chains.Count && credit > 0; i++)
        {
            int before = frames.Count;
            ReadOnlySpan<Segment> segments = chains.Readable(i);
            if (segments.IsEmpty || !TryAddWhole(frames, segments))
            {
                if (!frames.HasRoomFor(segments.Length))
                    break;
                malformed += TryAdd(frames, segments, (long)chains[i].ReadableLength - _headerLength) ? 0 : 1;
            }

            credit -= frames.Count > before ? frames[before].Length : 0;
        }

        if (malformed != 0)
        {
            port.Counters.AddMalformed(malformed);
            Interlocked.Add(ref counters.TransmitMalformed, malformed);
        }

        return i;
    }

    /// <summary>Most frames: header and all in one buffer, or each in one. False when it is more than that, or wrong.</summary>
    private bool TryAddWhole(FrameBatch frames, ReadOnlySpan<Segment> segments)
    {
        Segment first = segments[0];
        bool isApart = segments.Length == 2 && first.Length == _headerLength;
        if ((segments.Length != 1 && !isApart) || first.Length < _headerLength)
            return false;

        Segment last = isApart ? segments[1] : first;
        int start = isApart ? 0 : _headerLength;
        return TryReadOffload(first.Read<ulong>(0), first.Read<uint>(sizeof(ulong)), last.Length - start, out FrameOffload offload)
            && frames.TryAdd(last, start, in offload);
    }

    /// <summary>The header is copied out of the driver's reach first, and only the copy is looked at (decision D4).</summary>
    private bool TryAdd(FrameBatch frames, ReadOnlySpan<Segment> segments, long length)
    {
        if (length > FrameBatch.MaxFrameLength || !FrameBatch.IsLengthValid((int)length))
            return false;

        var reader = new GuestReader(segments);
        if (!reader.TryRead(out ulong low) || !reader.TryRead(out uint high) || !reader.TrySkip(_headerLength - NetHeader.BaseLength))
            return false;

        return TryReadOffload(low, high, (int)length, out FrameOffload offload) && frames.TryAdd(ref reader, (int)length, in offload);
    }

    /// <summary>What a copied header asks for; most ask for nothing, and only their first two bytes count.</summary>
    private bool TryReadOffload(ulong low, uint high, int length, out FrameOffload offload)
    {
        offload = default;
        return (ushort)low == 0 || HeaderTranslation.TryReadRequest(NetHeader.Parse(low, high), _features, length, out offload);
    }

    private void ExpireTimer(Virtqueue ring, PollContext context)
    {
        if (!coalescer.IsPending)
            return;

        if (!coalescer.TryExpire(context.NowTicks))
            context.WakeAt(coalescer.DeadlineTicks);
        else if (ring.NeedsInterrupt())
            queue.Interrupt();
    }
}
