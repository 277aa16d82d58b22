using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Peers;

/// <summary>
/// All switches of a comparison, of which one runs at a time. They are measured in turns, run by run: what the machine gives changes from minute
/// to minute, above all where it is a guest itself.
/// </summary>
internal sealed class PeerSwitches : IAsyncDisposable
{
    /// <summary>A switch notices that clients come and go.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    private readonly List<IPeerSwitch> _switches = [];

    /// <summary>Takes one over; it stands still until its turn.</summary>
    public void Add(IPeerSwitch started)
    {
        started.Pause();
        _switches.Add(started);
    }

    /// <summary>For each switch the run with the median rate.</summary>
    public async Task<IReadOnlyList<PeerResult>> MeasureInTurnAsync(int runs, Func<IPeerSwitch, Task<PeerResult>> measure)
    {
        var results = new List<PeerResult>();
        for (int run = 0; run < runs; run++)
        {
            foreach (IPeerSwitch at in _switches)
            {
                at.Resume();
                await Task.Delay(Settling);
                results.Add(await measure(at));
                await Task.Delay(Settling);
                at.Pause();
            }
        }

        return [.. results.GroupBy(result => result.Switch).Select(all => Medians.By([.. all], result => result.Mpps))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IPeerSwitch at in _switches)
            await at.DisposeAsync();
    }
}
