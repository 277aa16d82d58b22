using SoftIov.Memory;

namespace SoftIov.Tests.Pcie;

/// <summary>There is no poller to wait for; counts who waited.</summary>
internal sealed class NoPollers : IQuiescence
{
    private int _waits;

    public int Waits => _waits;

    public void WaitForQuietPoint() => Interlocked.Increment(ref _waits);
}
