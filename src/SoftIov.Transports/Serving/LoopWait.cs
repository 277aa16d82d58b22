using System.Diagnostics;
using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// How the loop waits for its clients: asleep, or awake for a moment behind answers to clients that ask in quick succession, as a kernel that
/// enumerates a bus does. To be woken takes longer than to answer. What nobody waits for, as doorbells, keeps it awake no longer.
/// </summary>
internal sealed class LoopWait(Epoll epoll)
{
    /// <summary>What comes so soon after an answer is quick; longer than a client needs that had to be woken itself.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMicroseconds(200);

    /// <summary>How long the loop stays awake for the next.</summary>
    private static readonly TimeSpan Awake = TimeSpan.FromMicroseconds(100);

    /// <summary>So many quick ones in a row, and the next is expected to be quick too.</summary>
    private const int Streak = 16;

    private int _quickInARow;
    private bool _hasAnswered;

    /// <summary>Whether the next wait begins awake.</summary>
    public bool IsAwake => _hasAnswered && _quickInARow >= Streak;

    /// <summary>A client that waited for it was answered since the last wait.</summary>
    public void Answered() => _hasAnswered = true;

    /// <summary>Waits for events and returns how many came. A negative time: without end.</summary>
    public int Wait(Span<EpollEvent> events, int atMostMilliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        int count = IsAwake ? Look(events, start) : 0;
        if (count == 0)
            count = epoll.Wait(events, atMostMilliseconds);
        if (Stopwatch.GetElapsedTime(start) >= Quick)
            _quickInARow = 0;
        else if (_hasAnswered && _quickInARow < Streak)
            _quickInARow++;
        _hasAnswered = false;
        return count;
    }

    private int Look(Span<EpollEvent> events, long start)
    {
        int count = epoll.Wait(events, 0);
        while (count == 0 && Stopwatch.GetElapsedTime(start) < Awake)
        {
            Thread.Yield();
            count = epoll.Wait(events, 0);
        }

        return count;
    }
}
