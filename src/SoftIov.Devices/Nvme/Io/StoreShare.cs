using System.Diagnostics;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// How many bytes one controller may have under way in a store that it shares: all it can when it is alone, an equal part when it is not.
/// What is in a medium's own queue is served in no particular order, so a share of that queue is a share of the medium. Poller only.
/// </summary>
internal sealed class StoreShare(StoreUsers users, ushort controller)
{
    /// <summary>What several controllers have under way together: enough to keep a fast disk busy, and done by it in a few milliseconds.</summary>
    public const long TotalBytes = 4 << 20;

    /// <summary>A command costs its bytes, and no less than this.</summary>
    public const long LeastBytes = 4096;

    private static readonly long RenewedTicks = Stopwatch.Frequency / 1000;

    private long _bytes;
    private long _untilTicks = long.MinValue;

    /// <summary>What a command of so many bytes, in so many requests to the store, costs.</summary>
    public static long CostOf(long bytes, int requests = 1) => Math.Max(bytes, requests * LeastBytes);

    /// <summary>The share at this time; whoever asks is about to use it.</summary>
    public long BytesAt(long nowTicks)
    {
        if (nowTicks < _untilTicks)
            return _bytes;
        _untilTicks = nowTicks + RenewedTicks;
        int count = users.Enter(controller, nowTicks);
        _bytes = count == 1 ? long.MaxValue : TotalBytes / count;
        return _bytes;
    }
}
