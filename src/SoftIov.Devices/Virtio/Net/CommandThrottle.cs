namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// How fast a driver gets its control commands done. Some rebuild the switch's tables, which costs its neighbours the poller's time, the
/// more the more ports there are: a driver that never stops may have 64 at once and 8000 a second, more than any honest one needs, and no
/// more than a tenth of a poller's time.
/// </summary>
internal sealed class CommandThrottle(long ticksPerSecond)
{
    private const int Burst = 64;
    private const int PerSecond = 8000;
    private const int LeastRest = 10;

    private readonly long _ticksPerCommand = ticksPerSecond / PerSecond;
    private long _paidTicks;

    /// <summary>Commands that may be done now; when 0, the time at which half a burst may be.</summary>
    public int Credit(long nowTicks, out long retryAtTicks)
    {
        _paidTicks = Math.Max(_paidTicks, nowTicks);
        retryAtTicks = _paidTicks - (Burst / 2 * _ticksPerCommand);
        return (int)(((Burst * _ticksPerCommand) - (_paidTicks - nowTicks)) / _ticksPerCommand);
    }

    /// <summary>Pays for commands that took so long.</summary>
    public void Charge(int commands, long elapsedTicks) =>
        _paidTicks += Math.Max(commands * _ticksPerCommand, LeastRest * elapsedTicks);
}
