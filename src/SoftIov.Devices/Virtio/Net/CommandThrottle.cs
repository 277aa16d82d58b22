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

    /// <summary>More than a command's time grows with each port of the switch.</summary>
    private const int NanosecondsPerPort = 200;

    private readonly long _ticksPerCommand = ticksPerSecond / PerSecond;
    private readonly long _ticksPerMicrosecond = Math.Max(1, ticksPerSecond / 1_000_000);
    private long _paidTicks;

    /// <summary>Commands that may be done now; when 0, the time at which half a burst may be.</summary>
    public int Credit(long nowTicks, out long retryAtTicks)
    {
        _paidTicks = Math.Max(_paidTicks, nowTicks);
        retryAtTicks = _paidTicks - (Burst / 2 * _ticksPerCommand);
        return (int)(((Burst * _ticksPerCommand) - (_paidTicks - nowTicks)) / _ticksPerCommand);
    }

    /// <summary>
    /// Pays for commands that took so long on a switch of so many ports. What they took beyond what they can cost there was the host's
    /// doing, which had the thread wait, and is not the driver's to pay: drivers wait for their answers.
    /// </summary>
    public void Charge(int commands, long elapsedTicks, int ports)
    {
        long most = commands * Math.Max(_ticksPerCommand, LeastRest * NanosecondsPerPort * (long)ports * _ticksPerMicrosecond / 1000);
        _paidTicks += Math.Clamp(LeastRest * elapsedTicks, commands * _ticksPerCommand, most);
    }
}
