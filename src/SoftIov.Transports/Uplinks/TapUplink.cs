using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// A tap as uplink. A frame costs one system call in each direction, which is all the kernel offers for taps; sent ones are copied by the
/// kernel straight from the sender's buffers. Checksums and segmentation pass as metadata both ways.
/// </summary>
internal sealed class TapUplink(TapDevice tap, LinkMonitor monitor) : HostUplink(tap.Name, monitor)
{
    private const int MaxReadBytes = VnetHeader.Size + FrameBatch.MaxFrameLength;
    private const int ArenaBytes = 8 * MaxReadBytes;
    private const int Alignment = 64;

    private readonly ScratchMemory _arena = new(ArenaBytes);

    /// <inheritdoc/>
    public override FileDescriptor Readable => tap.Descriptor;

    /// <inheritdoc/>
    public override OffloadSet AcceptedOffloads { get; } = ToOffloadSet(tap.Offloads);

    /// <inheritdoc/>
    public override FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        OutgoingFrames outgoing = OutgoingFrames.OfThread;
        Span<byte> header = stackalloc byte[VnetHeader.Size];
        FrameSet taken = FrameSet.None;
        int full = 0;
        foreach (int i in frames)
        {
            outgoing.Clear();
            VnetHeader.Write(header, in batch[i].Offload);
            IoResult written = outgoing.TryAdd(header, batch.Head(i), batch.Tail(i))
                ? tap.Write(outgoing, 0)
                : new IoResult(0, Errno.EMSGSIZE);
            taken = written.Ok ? taken.With(i) : taken;
            full += written.WouldBlock ? 1 : 0;
        }

        CountTransmitted(frames.Count, full, frames.Count - taken.Count - full);
        return taken;
    }

    /// <inheritdoc/>
    public override int Poll(PollContext context)
    {
        if (Port is not { } port)
        {
            return 0;
        }

        int handled = ReadBurst(context.Frames);
        if (context.Frames.Count > 0)
        {
            port.Transmit(context.Frames, context.NowTicks);
            context.Frames.Clear();
        }

        return handled;
    }

    /// <summary>Edge-triggered: what comes after the last read found nothing ends the sleep by itself.</summary>
    public override bool Arm(PollContext context) => false;

    /// <inheritdoc/>
    protected override Errno TryAttach(int index) => tap.TryAttach();

    /// <summary>A tap that was moved into another network namespace works on; its carrier cannot be seen from here.</summary>
    protected override bool IsElsewhere() => tap.IsAttached;

    /// <inheritdoc/>
    protected override void OnWorking()
    {
    }

    /// <inheritdoc/>
    protected override void Close() => tap.Dispose();

    private static OffloadSet ToOffloadSet(TapOffloads offloads) =>
        (offloads.HasFlag(TapOffloads.Checksum) ? OffloadSet.Checksum : 0)
        | (offloads.HasFlag(TapOffloads.TcpV4) ? OffloadSet.TcpV4 : 0)
        | (offloads.HasFlag(TapOffloads.TcpV6) ? OffloadSet.TcpV6 : 0)
        | (offloads.HasFlag(TapOffloads.TcpEcn) ? OffloadSet.TcpEcn : 0)
        | (offloads.HasFlag(TapOffloads.UdpV4) ? OffloadSet.UdpV4 : 0)
        | (offloads.HasFlag(TapOffloads.UdpV6) ? OffloadSet.UdpV6 : 0);

    /// <summary>Frames lie one behind the other, so that short ones share few pages.</summary>
    private int ReadBurst(FrameBatch batch)
    {
        int handled = 0;
        int calls = 0;
        for (int used = 0; batch.Count < FrameBatch.Capacity && used + MaxReadBytes <= ArenaBytes;)
        {
            Segment buffer = _arena.Segment(used, MaxReadBytes);
            IoResult read = tap.Read(buffer);
            calls++;
            if (!read.Ok)
            {
                break;
            }

            handled++;
            FrameOffload offload = VnetHeader.Read(_arena.Span[used..]);
            if (read.Bytes > VnetHeader.Size && batch.TryAdd([buffer], VnetHeader.Size, read.Bytes - VnetHeader.Size, in offload))
            {
                used += (read.Bytes + Alignment - 1) & -Alignment;
            }
            else
            {
                Counters.ReceiveLost++;
            }
        }

        Counters.ReceiveCalls += calls;
        return handled;
    }
}
