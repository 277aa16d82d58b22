namespace SoftIov.Datapath;

/// <summary>The way into a receiver: tags as it sees them, its MTU, work it does not take over, its counters.</summary>
internal static class Egress
{
    /// <summary>Delivers frames of a burst to one station, in order.</summary>
    public static void Deliver(FrameBatch batch, FrameSet frames, Station to)
    {
        if (!to.LinkUp || to.Receiver is null)
        {
            to.Counters.AddReceiveDrops(frames.Count);
            return;
        }

        OffloadSet accepted = to.Receiver.AcceptedOffloads;
        FrameSet fit = FrameSet.None;
        FrameSet owed = FrameSet.None;
        foreach (int i in frames)
        {
            ref Frame frame = ref batch[i];
            frame.ShowTag(!to.HasPortVlan);
            if (FrameSize.Exceeds(in frame, to.MaxLength))
            {
                continue;
            }

            fit = fit.With(i);
            if (frame.Offload.NeedsChecksum && (OffloadRequest.Required(in frame) & ~accepted) != 0)
            {
                owed = owed.With(i);
            }
        }

        if (fit != frames)
        {
            to.Counters.AddReceiveDrops(frames.Count - fit.Count);
        }

        if (owed.IsEmpty)
        {
            HandOver(batch, fit, to);
        }
        else
        {
            DeliverWithWork(batch, fit, owed, to, accepted);
        }
    }

    /// <summary>Frames before one that needs work go first: a flow keeps its order.</summary>
    private static void DeliverWithWork(FrameBatch batch, FrameSet frames, FrameSet owed, Station to, OffloadSet accepted)
    {
        FrameSet ready = FrameSet.None;
        foreach (int i in frames)
        {
            if (!owed.Contains(i) || Checksum.TryComplete(batch, i))
            {
                ready = ready.With(i);
                continue;
            }

            HandOver(batch, ready, to);
            ready = FrameSet.None;
            DeliverSegments(batch, i, to, accepted);
        }

        HandOver(batch, ready, to);
    }

    private static void DeliverSegments(FrameBatch batch, int index, Station to, OffloadSet accepted)
    {
        Segmentation segmentation = batch.Segmentation;
        segmentation.Start(batch, index, accepted);
        while (segmentation.Fill())
        {
            HandOver(segmentation.Output, FrameSet.First(segmentation.Output.Count), to);
            segmentation.Output.Clear();
        }

        to.Counters.AddReceiveDrops(segmentation.HasMore ? 1 : 0);
    }

    private static void HandOver(FrameBatch batch, FrameSet frames, Station to)
    {
        if (frames.IsEmpty)
        {
            return;
        }

        FrameSet taken = DeliverFenced(batch, frames, to);
        Count(batch, taken, to.Counters);
        to.Port.Capture?.Record(batch, taken, CaptureDirection.Received);
        if (taken != frames)
        {
            to.Counters.AddReceiveDrops(frames.Except(taken).Count);
        }
    }

    /// <summary>A receiver that throws has broken an invariant of its own: it is taken off its port, and the sender goes on.</summary>
    private static FrameSet DeliverFenced(FrameBatch batch, FrameSet frames, Station to)
    {
        try
        {
            return to.Receiver!.Deliver(batch, frames);
        }
        catch (Exception broken)
        {
            to.Port.StopReceiver(to.Receiver!, broken);
            return FrameSet.None;
        }
    }

    private static void Count(FrameBatch batch, FrameSet taken, PortCounters counters)
    {
        long bytes = 0;
        int multicast = 0;
        int broadcast = 0;
        foreach (int i in taken)
        {
            ref Frame frame = ref batch[i];
            bytes += frame.Length;
            MacAddress destination = frame.Destination;
            if (destination.IsMulticast)
            {
                multicast++;
                broadcast += destination.IsBroadcast ? 1 : 0;
            }
        }

        counters.AddReceived(taken.Count, bytes, multicast - broadcast, broadcast);
    }
}
