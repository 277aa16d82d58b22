using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>
/// The poller threads of a daemon. Polls when busy, sleeps when idle (decision D6); pollables that gave nothing for a while are armed and
/// left alone until woken. Also the quiet-point keeper: what control code unpublished is untouched once every poller passed one.
/// </summary>
public sealed class PollScheduler : IQuiescence, IDisposable
{
    /// <summary>Starts one thread per sleeper handed in.</summary>
    public PollScheduler(IReadOnlyList<IPollerSleep> sleepers, PollSettings settings, TimeProvider time) => throw new NotImplementedException();

    /// <summary>Adds a pollable, awake, to the least loaded poller.</summary>
    public PollHandle Add(IPollable pollable, string name) => throw new NotImplementedException();

    /// <summary>Takes a pollable out; when it returns no poller is in it nor will be. Not from a poller's thread.</summary>
    public void Remove(PollHandle handle) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void WaitForQuietPoint() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
