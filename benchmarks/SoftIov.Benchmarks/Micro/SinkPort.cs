using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>Takes every frame and looks at none.</summary>
internal sealed class SinkPort : IFramePort
{
    public OffloadSet AcceptedOffloads => OffloadSet.None;

    public FrameSet Deliver(FrameBatch batch, FrameSet frames) => frames;
}
