using System.Diagnostics;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// How the loop waits for its clients: asleep, or awake for a moment while they talk in quick succession, as a kernel that enumerates a bus does.
/// To be woken takes longer than to answer.
/// </summary>
internal sealed class LoopWait(Epoll epoll)
{
    /// <summary>What comes so soon after the last is quick; longer than a client needs that had to be woken itself.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMicroseconds(200);

    /// <summary>How long the loop stays awake for the next.</summary>
    private static readonly TimeSpan Awake = TimeSpan.FromMicroseconds(100);

    /// <summary>So many quick ones in a row, and the next is expected to be quick too.</summary>
    private const int Streak = 16;

    private int _quickInARow;

    /// <summary>Waits for events and returns how many came. A negative time: without end.</summary>
    public int Wait(Span<EpollEvent> events, int atMostMilliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        int count = epoll.Wait(events, 0);
        while (count == 0 && _quickInARow >= Streak && Stopwatch.GetElapsedTime(start) < Awake)
        {
            Thread.Yield();
            count = epoll.Wait(events, 0);
        }

        if (count == 0)
            count = epoll.Wait(events, atMostMilliseconds);
        _quickInARow = Stopwatch.GetElapsedTime(start) < Quick ? Math.Min(_quickInARow + 1, Streak) : 0;
        return count;
    }
}
