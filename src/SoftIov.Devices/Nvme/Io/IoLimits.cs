using System.Diagnostics;
using SoftIov.Datapath;

namespace SoftIov.Devices.Nvme;

/// <summary>Ceilings of one controller's I/O: commands and bytes per second. Set by control code, asked by the poller.</summary>
public sealed class IoLimits
{
    private readonly TokenBucket _commands = new(Stopwatch.Frequency);
    private readonly TokenBucket _bytes = new(Stopwatch.Frequency);

    /// <summary>Commands per second; 0 is no limit.</summary>
    public long CommandsPerSecond
    {
        get => _commands.PerSecond;
        set => _commands.PerSecond = value;
    }

    /// <summary>Bytes per second; 0 is no limit.</summary>
    public long BytesPerSecond
    {
        get => _bytes.PerSecond;
        set => _bytes.PerSecond = value;
    }

    /// <summary>Whether a command may start now; if not, the poller comes back when one may.</summary>
    internal bool MayStart(PollContext context)
    {
        if (_commands.Credit(context.NowTicks, out long retryAtTicks) > 0 && _bytes.Credit(context.NowTicks, out retryAtTicks) > 0)
            return true;
        context.WakeAt(retryAtTicks);
        return false;
    }

    /// <summary>Pays for a command that started.</summary>
    internal void Charge(long bytes, long nowTicks)
    {
        _commands.Charge(1, nowTicks);
        _bytes.Charge(bytes, nowTicks);
    }
}
