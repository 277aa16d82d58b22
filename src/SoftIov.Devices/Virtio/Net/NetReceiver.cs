using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>The receiving side of a network function: chooses a queue for each frame and fills queue by queue.</summary>
internal sealed class NetReceiver(QueuePair[] pairs, ReceiveOptions options, ReceiveSteering steering) : IFramePort
{
    public OffloadSet AcceptedOffloads => options.Accepted;

    public FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        if (!steering.IsNeeded)
            return pairs[0].Receive.Deliver(batch, frames, []);

        Span<SteeredFrame> steered = stackalloc SteeredFrame[FrameBatch.Capacity];
        foreach (int i in frames)
            steered[i] = steering.Steer(batch, i);
        return DeliverByQueue(batch, frames, steered);
    }

    private FrameSet DeliverByQueue(FrameBatch batch, FrameSet frames, ReadOnlySpan<SteeredFrame> steered)
    {
        FrameSet taken = FrameSet.None;
        for (FrameSet left = frames; !left.IsEmpty;)
        {
            FrameSet same = FrameSet.None;
            int pair = -1;
            foreach (int i in left)
            {
                pair = pair < 0 ? steered[i].Pair : pair;
                same = steered[i].Pair == pair ? same.With(i) : same;
            }

            taken = new FrameSet(taken.Bits | pairs[pair].Receive.Deliver(batch, same, steered).Bits);
            left = left.Except(same);
        }

        return taken;
    }
}
