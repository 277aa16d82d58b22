using SoftIov.Datapath;

namespace SoftIov.Tests.Datapath;

/// <summary>A pollable with a counter of work left, as a queue has it.</summary>
internal sealed class ScriptedPollable : IPollable
{
    private long _work;
    private int _polls;
    private int _arms;

    public Func<PollContext, int>? OnPoll { get; init; }

    public int Polls => Volatile.Read(ref _polls);

    public int Arms => Volatile.Read(ref _arms);

    public int Disarms { get; private set; }

    public long Left => Volatile.Read(ref _work);

    public void AddWork(int count) => Interlocked.Add(ref _work, count);

    public int Poll(PollContext context)
    {
        Volatile.Write(ref _polls, _polls + 1);
        if (OnPoll is not null)
        {
            return OnPoll(context);
        }

        int burst = (int)Math.Min(FrameBatch.Capacity, Left);
        Interlocked.Add(ref _work, -burst);
        return burst;
    }

    public bool Arm(PollContext context)
    {
        Volatile.Write(ref _arms, _arms + 1);
        return Left > 0;
    }

    public void Disarm() => Disarms++;
}
