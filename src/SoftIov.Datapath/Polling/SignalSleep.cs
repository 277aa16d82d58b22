namespace SoftIov.Datapath;

/// <summary>Sleeps on an event of the runtime: for tests and for pollers that wait on no file descriptor. Times round up to 1 ms.</summary>
public sealed class SignalSleep : IPollerSleep
{
    private readonly AutoResetEvent _signal = new(initialState: false);

    /// <inheritdoc/>
    public void Sleep(TimeSpan atMost) =>
        _signal.WaitOne(atMost < TimeSpan.Zero ? Timeout.Infinite : (int)Math.Min(int.MaxValue, Math.Ceiling(atMost.TotalMilliseconds)));

    /// <inheritdoc/>
    public void Wake() => _signal.Set();

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}
