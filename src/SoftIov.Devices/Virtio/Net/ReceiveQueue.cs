using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// A receive queue (virtio 1.4, 5.1.6.3 and 5.1.6.4). Any poller that has frames for it fills it: the queue is claimed for a burst by one
/// compare-and-swap. Kicks are never asked for, since a frame without a buffer is lost, not kept.
/// </summary>
internal sealed class ReceiveQueue(DeviceQueue queue, ReceiveOptions options, NetFunctionCounters counters, NotificationCoalescer coalescer)
{
    /// <summary>Buffers of one burst; a frame in more buffers than this is lost.</summary>
    private const int ChainCapacity = 512;
    private const int SegmentCapacity = 2048;

    /// <summary>How many buffers are taken at a time when a frame needs more.</summary>
    private const int RefillCount = 16;

    private readonly uint[] _written = new uint[ChainCapacity];
    private ChainBatch? _chains;
    private int _next;
    private bool _hasCompleted;
    private bool _isTranslated;
    private int _claimed;

    /// <summary>The virtqueue.</summary>
    public DeviceQueue Queue => queue;

    /// <summary>Holds interrupts back.</summary>
    public NotificationCoalescer Coalescer => coalescer;

    /// <summary>The pair's place at its poller, which keeps the time of interrupts that are held back.</summary>
    public PollHandle? Timer { get; set; }

    /// <summary>The queue is about to run; <paramref name="isTranslated"/> says that its domain's map is a cache.</summary>
    public void Prepare(bool isTranslated)
    {
        _chains ??= new ChainBatch(ChainCapacity, SegmentCapacity);
        _isTranslated = isTranslated;
    }

    /// <summary>Lays frames into buffers, publishes them once, interrupts once. Returns those that found room.</summary>
    public FrameSet Deliver(FrameBatch batch, FrameSet frames, ReadOnlySpan<SteeredFrame> steered)
    {
        FrameSet taken;
        bool interrupt;
        bool startTimer;
        bool isStalled;
        Claim();
        try
        {
            Virtqueue? ring = queue.Ring;
            if (ring is null)
                return FrameSet.None;

            taken = Fill(ring, batch, frames, steered);
            interrupt = _hasCompleted && coalescer.Add(taken.Count) && ring.NeedsInterrupt();
            startTimer = !interrupt && coalescer.IsPending;
            isStalled = taken != frames && ring.IsStalled;
        }
        finally
        {
            Release();
        }

        if (interrupt)
            queue.Interrupt();
        if (startTimer || _isTranslated)
            Timer?.Wake();
        if (taken != frames && !isStalled)
            Interlocked.Add(ref counters.ReceiveNoBuffer, frames.Count - taken.Count);
        return taken;
    }

    /// <summary>The pair's poller looks after interrupts that are held back.</summary>
    public void ExpireTimer(PollContext context)
    {
        if (!coalescer.IsPending)
            return;

        bool interrupt = false;
        Claim();
        try
        {
            if (coalescer.TryExpire(context.NowTicks))
                interrupt = queue.Ring is { } ring && ring.NeedsInterrupt();
            else if (coalescer.IsPending)
                context.WakeAt(coalescer.DeadlineTicks);
        }
        finally
        {
            Release();
        }

        if (interrupt)
            queue.Interrupt();
    }

    /// <summary>
    /// Where translations come when they are asked for, asks for those of the buffers that frames go to next: a frame cannot wait. By the
    /// pair's poller.
    /// </summary>
    public void LookAhead()
    {
        if (!_isTranslated)
            return;

        Claim();
        try
        {
            if (queue.Ring is not { } ring)
                return;

            ChainBatch chains = _chains!;
            chains.Clear();
            ring.Take(chains, FrameBatch.Capacity);
            ring.Rewind(chains, 0);
            queue.CheckFault(ring);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Returns when no burst that began before is under way: what the driver switched off appears no more.</summary>
    public void WaitForBurst()
    {
        Claim();
        Release();
    }

    private FrameSet Fill(Virtqueue ring, FrameBatch batch, FrameSet frames, ReadOnlySpan<SteeredFrame> steered)
    {
        ChainBatch chains = _chains!;
        chains.Clear();
        _next = 0;
        _hasCompleted = false;
        FrameSet taken = FrameSet.None;
        if (ring.Take(chains, frames.Count) == 0)
        {
            queue.CheckFault(ring);
            return taken;
        }

        taken = steered.IsEmpty ? PlaceWhole(batch, frames) : taken;
        foreach (int i in frames.Except(taken))
        {
            if (TryPlace(ring, batch, i, steered.IsEmpty ? default : steered[i]))
                taken = taken.With(i);
        }

        Flush(ring);
        if (_hasCompleted)
            ring.Publish();
        if (taken != frames)
            queue.CheckFault(ring);
        return taken;
    }

    /// <summary>
    /// Most frames: a copy into one buffer. Stops at the first that is more than that; those before it are in their places.
    /// </summary>
    private FrameSet PlaceWhole(FrameBatch batch, FrameSet frames)
    {
        int headerLength = options.HeaderLength;
        if (headerLength != NetHeader.BaseLength)
            return FrameSet.None;

        ChainBatch chains = _chains!;
        OffloadSet accepted = options.Accepted;
        FrameSet placed = FrameSet.None;
        foreach (int i in frames)
        {
            ref readonly Frame frame = ref batch[i];
            int length = headerLength + frame.Length;
            if (_next == chains.Count || !chains.TryWritableWhole(_next, out Segment buffer) || buffer.Length < length)
                break;
            if (!TryWriteHeader(in frame, accepted, buffer))
                break;

            batch.CopyTo(i, buffer, headerLength);
            _written[_next++] = (uint)length;
            placed = placed.With(i);
        }

        return placed;
    }

    /// <summary>
    /// Of most frames there is nothing to say but that they are in one buffer. Buffers come round, mostly with that header still in them: what
    /// is the same already is not written, so that the line stays with the driver's processor too.
    /// </summary>
    private static bool TryWriteHeader(in Frame frame, OffloadSet accepted, Segment buffer)
    {
        (ulong low, uint high) = (0, NetHeader.OneBuffer);
        if (frame.Offload.NeedsChecksum || frame.Offload.ChecksumValid || frame.Offload.Gso != GsoType.None)
        {
            if (!HeaderTranslation.TryMakeReceiveHeader(in frame.Offload, frame.Length, accepted, out NetHeader header))
                return false;
            (low, high) = (header.Low, header.High);
        }

        if (buffer.Read<ulong>(0) != low)
            buffer.Write(0, low);
        if (buffer.Read<uint>(sizeof(ulong)) != high)
            buffer.Write(sizeof(ulong), high);
        return true;
    }

    private bool TryPlace(Virtqueue ring, FrameBatch batch, int index, SteeredFrame steered)
    {
        int length = batch[index].Length;
        if (!HeaderTranslation.TryMakeReceiveHeader(in batch[index].Offload, length, options.Accepted, out NetHeader header))
            return false;

        int count = GatherBuffers(ring, options.HeaderLength + length);
        if (count == 0)
            return false;

        header.BufferCount = (ushort)count;
        header.HashValue = steered.Hash;
        header.HashReport = steered.Report;
        Write(batch, index, in header, count);
        _next += count;
        return true;
    }

    /// <summary>How many buffers from the next one on hold the frame; 0 when there are not enough.</summary>
    private int GatherBuffers(Virtqueue ring, int needed)
    {
        int count = CountBuffers(ring, needed);
        if (count != 0 || _next == 0)
            return count;

        // The batch may be full of buffers that earlier frames of the burst filled: hand those back and look again.
        Flush(ring);
        return CountBuffers(ring, needed);
    }

    private int CountBuffers(Virtqueue ring, int needed)
    {
        ChainBatch chains = _chains!;
        long room = 0;
        int count = 0;
        while (true)
        {
            if (_next + count == chains.Count && ring.Take(chains, RefillCount) == 0)
                return 0;

            uint length = chains[_next + count].WritableLength;
            if (count == 0 && length < options.HeaderLength)
            {
                // Too short for the header alone: returned empty, so that it does not stop the queue for good.
                _written[_next++] = 0;
                continue;
            }

            room += length;
            count++;
            if (room >= needed)
                return count;
            if (!options.IsMergeable)
                return 0;
        }
    }

    private void Write(FrameBatch batch, int index, in NetHeader header, int count)
    {
        ChainBatch chains = _chains!;
        int headerLength = options.HeaderLength;
        int length = batch[index].Length;
        var writer = new GuestWriter(chains.Writable(_next));
        header.Write(ref writer, headerLength);
        if (count == 1)
        {
            batch.CopyTo(index, ref writer);
            _written[_next] = (uint)(headerLength + length);
            return;
        }

        int done = 0;
        for (int i = 0; i < count; i++)
        {
            int start = i == 0 ? headerLength : 0;
            int part = (int)Math.Min(chains[_next + i].WritableLength - start, length - done);
            if (part > 0)
                batch.CopyTo(index, done, part, chains.Writable(_next + i), start);
            _written[_next + i] = (uint)(start + part);
            done += part;
        }
    }

    /// <summary>Gives unused buffers back to the ring and completes the filled ones, unseen by the driver until the burst is published.</summary>
    private void Flush(Virtqueue ring)
    {
        ChainBatch chains = _chains!;
        if (_next < chains.Count)
            ring.Rewind(chains, _next);
        if (_next > 0)
        {
            ring.Complete(chains, 0, _written.AsSpan(0, _next));
            _hasCompleted = true;
        }

        chains.Clear();
        _next = 0;
    }

    private void Claim()
    {
        for (var spin = default(SpinWait); Interlocked.CompareExchange(ref _claimed, 1, 0) != 0;)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private void Release() => Volatile.Write(ref _claimed, 0);
}
