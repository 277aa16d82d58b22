using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>Quiet points of one thread that works in rounds.</summary>
internal sealed class RoundQuiescence : IQuiescence
{
    private int _rounds;

    public void Begin() => Interlocked.Increment(ref _rounds);

    public void End() => Interlocked.Increment(ref _rounds);

    public void WaitForQuietPoint()
    {
        Interlocked.MemoryBarrier();
        int seen = Volatile.Read(ref _rounds);
        for (var spin = default(SpinWait); (seen & 1) != 0 && Volatile.Read(ref _rounds) == seen; spin.SpinOnce())
        {
        }
    }
}
