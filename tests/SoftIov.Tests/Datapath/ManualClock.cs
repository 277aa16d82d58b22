namespace SoftIov.Tests.Datapath;

/// <summary>A clock that stands still until told.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = 1_000_000_000;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _ticks;

    public long Microseconds(int count) => count * 1000L;

    public void AdvanceMicroseconds(int count) => _ticks += Microseconds(count);

    public void AdvanceNanoseconds(long count) => _ticks += count;
}
