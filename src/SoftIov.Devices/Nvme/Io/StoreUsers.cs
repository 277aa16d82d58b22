using System.Diagnostics;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// When each controller of a subsystem last had commands in the store, which all of them share. Written by its own poller, a millisecond
/// apart at least, read by all: a stale look makes a share a little too large or too small for as long.
/// </summary>
internal sealed class StoreUsers
{
    private const long Never = long.MinValue;

    /// <summary>Whoever comes back within this time is still a user, so that one with short commands keeps its share between two of them.</summary>
    private static readonly long KeptTicks = Stopwatch.Frequency / 50;

    private readonly long[] _lastTicks;

    /// <summary>Nobody of so many is there yet.</summary>
    public StoreUsers(int controllers)
    {
        _lastTicks = new long[controllers];
        Array.Fill(_lastTicks, Never);
    }

    /// <summary>A controller is at the store now; returns how many are, itself among them.</summary>
    public int Enter(ushort controller, long nowTicks)
    {
        Volatile.Write(ref _lastTicks[controller], nowTicks);
        int count = 0;
        for (int i = 0; i < _lastTicks.Length; i++)
        {
            if (Volatile.Read(ref _lastTicks[i]) is var last && last != Never && nowTicks - last <= KeptTicks)
                count++;
        }

        return count;
    }
}
