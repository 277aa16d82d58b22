namespace SoftIov.Datapath;

/// <summary>A pollable's place at its poller.</summary>
public sealed class PollHandle
{
    /// <summary>Marks the pollable as having work and wakes its poller if that sleeps. Any thread; cheap when the poller is awake.</summary>
    public void Wake() => throw new NotImplementedException();
}
