using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// An interface of the host as uplink, by packet socket. Received frames are forwarded from the socket's ring, without system calls; sent ones
/// are copied by the kernel straight from the senders' buffers, with one call per burst. Checksums and segmentation pass as metadata both ways.
/// </summary>
internal sealed class PacketUplink(string name, PacketSocket socket, OffloadSet offloads, LinkMonitor monitor) : HostUplink(name, monitor)
{
    private const int MaxQueuedBytes = VnetHeader.Size + FrameBatch.MaxFrameLength;
    private const int MaxQueuedFrames = 8;

    /// <summary>For frames longer than a slot of the ring.</summary>
    private readonly ScratchMemory _arena = new(MaxQueuedFrames * MaxQueuedBytes);

    private int _arenaUsed;
    private bool _followsLoss;

    /// <inheritdoc/>
    public override FileDescriptor Readable => socket.Descriptor;

    /// <inheritdoc/>
    public override OffloadSet AcceptedOffloads => offloads;

    /// <inheritdoc/>
    public override FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        OutgoingFrames outgoing = OutgoingFrames.OfThread;
        outgoing.Clear();
        FrameSet taken = FrameSet.None;
        FrameSet prepared = FrameSet.None;
        foreach (int i in frames)
        {
            if (!TryPrepare(outgoing, batch, i))
            {
                taken = new FrameSet(taken.Bits | Send(outgoing, prepared).Bits);
                prepared = FrameSet.None;
                outgoing.Clear();
                if (!TryPrepare(outgoing, batch, i))
                {
                    CountTransmitted(calls: 0, full: 0, refused: 1);
                    continue;
                }
            }

            prepared = prepared.With(i);
        }

        return new FrameSet(taken.Bits | Send(outgoing, prepared).Bits);
    }

    /// <inheritdoc/>
    public override int Poll(PollContext context)
    {
        if (Port is not { } port)
        {
            return 0;
        }

        FrameBatch batch = context.Frames;
        int taken = 0;
        _arenaUsed = 0;
        while (taken < FrameBatch.Capacity && socket.TryPeek(taken, out PacketSlot slot) && TryTake(batch, in slot))
        {
            taken++;
        }

        if (batch.Count > 0)
        {
            port.Transmit(batch, context.NowTicks);
            batch.Clear();
        }

        socket.Release(taken);
        if (_followsLoss)
        {
            CountLost();
        }

        return taken;
    }

    /// <inheritdoc/>
    public override bool Arm(PollContext context) => Port is not null && socket.IsReadable;

    /// <inheritdoc/>
    protected override Errno TryAttach(int index) => socket.TryBind(index);

    /// <inheritdoc/>
    protected override bool IsElsewhere() => false;

    /// <inheritdoc/>
    protected override void OnWorking() => socket.ClearError();

    /// <inheritdoc/>
    protected override void Close() => socket.Dispose();

    private static bool TryPrepare(OutgoingFrames outgoing, FrameBatch batch, int index)
    {
        Span<byte> header = stackalloc byte[VnetHeader.Size];
        VnetHeader.Write(header, in batch[index].Offload);
        return outgoing.TryAdd(header, batch.Head(index), batch.Tail(index));
    }

    private static FrameSet Without(FrameSet prepared, ulong lostMessages)
    {
        FrameSet sent = prepared;
        foreach (int i in prepared)
        {
            sent = (lostMessages & 1) != 0 ? sent.Without(i) : sent;
            lostMessages >>= 1;
        }

        return sent;
    }

    /// <summary>Sends what was prepared. A frame that the host refuses is passed over; when it takes none at all, the rest is dropped.</summary>
    private FrameSet Send(OutgoingFrames outgoing, FrameSet prepared)
    {
        ulong lost = 0;
        int calls = 0;
        int full = 0;
        int refused = 0;
        for (int at = 0; at < outgoing.Count;)
        {
            IoResult result = outgoing.Send(socket.Descriptor, at);
            calls++;
            if (result.Ok)
            {
                at += result.Bytes;
                continue;
            }

            bool isFull = result.Error is Errno.EAGAIN or Errno.ENOBUFS;
            bool isAboutOne = result.Error is Errno.ENOBUFS or Errno.EMSGSIZE or Errno.EINVAL or Errno.EFAULT;
            int count = isAboutOne ? 1 : outgoing.Count - at;
            lost |= FrameSet.First(count).Bits << at;
            full += isFull ? count : 0;
            refused += isFull ? 0 : count;
            at += count;
        }

        CountTransmitted(calls, full, refused);
        return lost == 0 ? prepared : Without(prepared, lost);
    }

    private void CountLost()
    {
        _followsLoss = false;
        Counters.ReceiveLost += socket.TakeLostCount();
        Counters.ReceiveCalls++;
    }

    /// <summary>Puts a received frame into the batch, or counts it as lost; false when it must wait for the next burst.</summary>
    private bool TryTake(FrameBatch batch, in PacketSlot slot)
    {
        _followsLoss |= slot.FollowsLoss;
        if (slot.IsQueued)
        {
            return TryTakeQueued(batch, in slot);
        }

        if (slot.IsWhole)
        {
            Add(batch, slot.Bytes, 0, slot.Length, in slot);
        }
        else
        {
            Counters.ReceiveLost++;
        }

        return true;
    }

    private bool TryTakeQueued(FrameBatch batch, in PacketSlot slot)
    {
        if (_arenaUsed + MaxQueuedBytes > _arena.Length)
        {
            return false;
        }

        Segment buffer = _arena.Segment(_arenaUsed, MaxQueuedBytes);
        IoResult read = socket.TakeQueued(buffer);
        Counters.ReceiveCalls++;
        if (read.Bytes == VnetHeader.Size + slot.Length)
        {
            Add(batch, buffer, VnetHeader.Size, slot.Length, in slot);
            _arenaUsed += read.Bytes;
        }
        else
        {
            Counters.ReceiveLost++;
        }

        return true;
    }

    private void Add(FrameBatch batch, Segment bytes, int from, int length, in PacketSlot slot)
    {
        if (!batch.TryAdd([bytes], from, length, VnetHeader.Read(slot.Header)))
        {
            Counters.ReceiveLost++;
        }
        else if (slot.VlanProtocol != 0)
        {
            batch[batch.Count - 1].PushTag(new VlanTag(slot.VlanProtocol, slot.VlanControl));
        }
    }
}
