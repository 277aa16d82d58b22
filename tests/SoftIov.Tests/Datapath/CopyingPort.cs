using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Tests.Datapath;

/// <summary>A receiver that copies each frame into memory of its own, as a device does, and keeps none.</summary>
internal sealed class CopyingPort : IFramePort
{
    private readonly ScratchMemory _memory = new(FrameBatch.MaxFrameLength);

    public OffloadSet AcceptedOffloads => OffloadSet.None;

    public FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        ReadOnlySpan<Segment> target = [_memory.Segment(0, _memory.Length)];
        foreach (int i in frames)
        {
            batch.CopyTo(i, target, 0);
        }

        return frames;
    }
}
