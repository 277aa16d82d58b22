namespace SoftIov.Memory;

/// <summary>A packed virtqueue that another process can go on with, wherever this one dies.</summary>
internal sealed unsafe class TrackedPackedVirtqueue : PackedVirtqueue
{
    private readonly PackedInflight _inflight;

    internal TrackedPackedVirtqueue(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, PackedInflight inflight)
        : base(domain, layout, features, ref cursor)
    {
        _inflight = inflight;
    }

    /// <inheritdoc/>
    public override void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written)
    {
        int slot = Cursor->NextUsed;
        for (int i = 0; i < written.Length; i++)
        {
            int slots = batch[first + i].SlotCount;
            _inflight.Keep(Slots, Layout.Size, slot, slots);
            slot += slots;
            slot -= slot >= Layout.Size ? Layout.Size : 0;
        }

        base.Complete(batch, first, written);
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        _inflight.Submit(Cursor->NextUsed, Cursor->UsedWrap);
        base.Publish();
        _inflight.Settle(Cursor->NextUsed, Cursor->UsedWrap);
    }
}
