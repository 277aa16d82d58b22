using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>A receiver that keeps the bytes of what it was given, with room for <see cref="Room"/> frames more.</summary>
internal sealed class RecordingPort : IFramePort
{
    public OffloadSet AcceptedOffloads { get; set; }

    public int Room { get; set; } = int.MaxValue;

    public int Calls { get; private set; }

    public List<byte[]> Frames { get; } = [];

    public List<FrameOffload> Offloads { get; } = [];

    public FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        Calls++;
        FrameSet taken = FrameSet.None;
        foreach (int i in frames)
        {
            if (Room == 0)
            {
                break;
            }

            Room--;
            byte[] bytes = new byte[batch[i].Length];
            batch.CopyTo(i, 0, bytes);
            Frames.Add(bytes);
            Offloads.Add(batch[i].Offload);
            taken = taken.With(i);
        }

        return taken;
    }

    public byte[] Single() => Assert.Single(Frames);
}
