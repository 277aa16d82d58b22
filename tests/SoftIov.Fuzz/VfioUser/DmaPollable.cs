using System.Collections.Concurrent;
using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>Makes DMA accesses where a device makes them: on a poller, within a round.</summary>
internal sealed class DmaPollable(DmaDomain domain) : IPollable
{
    private readonly ConcurrentQueue<(StepKind Kind, ulong Iova, int Length, TaskCompletionSource Done)> _wanted = new();

    /// <summary>Its place.</summary>
    public PollHandle? Handle { get; set; }

    /// <summary>Asks for an access; done whether it worked or not.</summary>
    public Task Start(StepKind kind, ulong iova, int length)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _wanted.Enqueue((kind, iova, length, done));
        Handle!.Wake();
        return done.Task;
    }

    public int Poll(PollContext context)
    {
        if (!_wanted.TryDequeue(out var wanted))
            return 0;
        byte[] bytes = new byte[wanted.Length];
        if (wanted.Kind == StepKind.Read)
            domain.TryRead(wanted.Iova, bytes);
        else
            domain.TryWrite(wanted.Iova, bytes);
        wanted.Done.SetResult();
        return 1;
    }

    public bool Arm(PollContext context) => !_wanted.IsEmpty;

    public void Disarm()
    {
    }
}
