using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>Pollables that move between pollers, with real threads.</summary>
public class PollMoveTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_wake_is_lost_and_never_are_two_pollers_inside_while_pollables_move()
    {
        using PollScheduler scheduler = Start(pollers: 3);
        var inside = new int[20];
        var pollables = new ScriptedPollable[inside.Length];
        var handles = new PollHandle[inside.Length];
        int violations = 0;
        for (int i = 0; i < pollables.Length; i++)
        {
            int me = i;
            pollables[i] = new ScriptedPollable
            {
                OnPoll = _ =>
                {
                    violations += Interlocked.Exchange(ref inside[me], 1);
                    int taken = (int)Math.Min(FrameBatch.Capacity, pollables[me].Left);
                    pollables[me].AddWork(-taken);
                    Volatile.Write(ref inside[me], 0);
                    return taken;
                },
            };
            handles[i] = scheduler.Add(pollables[i], $"p{i}");
        }

        Task waking = Task.WhenAll(Enumerable.Range(0, 3).Select(seed => Task.Run(() => Wake(seed, pollables, handles))));
        var random = new Random(7);
        int moves = 0;
        do
        {
            moves += scheduler.Move(handles[random.Next(handles.Length)], random.Next(3)) ? 1 : 0;
        }
        while (!waking.IsCompleted || moves < 500);

        await waking;
        foreach (ScriptedPollable pollable in pollables)
        {
            Assert.True(SpinWait.SpinUntil(() => pollable.Left == 0, Patience), "a wake was lost");
        }

        Assert.Equal(0, violations);
        Assert.Equal(moves, scheduler.ReportPollers().Sum(p => p.Arrivals));
    }

    [Fact]
    public void What_was_added_to_a_certain_poller_stays_there()
    {
        using PollScheduler scheduler = Start(pollers: 2);
        PollHandle pinned = scheduler.Add(new ScriptedPollable(), "uplink", poller: 1);
        PollHandle free = scheduler.Add(new ScriptedPollable(), "pair");
        Assert.Equal(0, free.PollerIndex);

        Assert.False(scheduler.Move(pinned, 0));
        Assert.True(scheduler.Move(free, 1));
        Assert.False(scheduler.Move(free, 1));

        Assert.Equal((1, 1), (pinned.PollerIndex, free.PollerIndex));
        Assert.Equal([0, 2], scheduler.ReportPollers().Select(p => p.Pollables));
        Assert.Equal(["pair", "uplink"], scheduler.ReportPollables("").Select(p => p.Name).Order());
        Assert.Equal(["pair"], scheduler.ReportPollables("pa").Select(p => p.Name));
    }

    [Fact]
    public void A_pollable_that_was_taken_out_or_stopped_does_not_move()
    {
        using PollScheduler scheduler = Start(pollers: 2);
        using var faulted = new ManualResetEventSlim();
        scheduler.PollableFaulted += (_, _) => faulted.Set();
        var broken = new ScriptedPollable { OnPoll = _ => throw new InvalidOperationException("broken on purpose") };
        PollHandle stopped = scheduler.Add(broken, "broken");
        PollHandle gone = scheduler.Add(new ScriptedPollable(), "gone");
        Assert.True(faulted.Wait(Patience));
        scheduler.Remove(gone);

        Assert.False(scheduler.Move(stopped, 1 - stopped.PollerIndex));
        Assert.False(scheduler.Move(gone, 1 - gone.PollerIndex));
        scheduler.Remove(gone);
        Assert.Equal(1, broken.Polls);
    }

    [Fact]
    public void After_removal_no_poller_is_inside_although_it_moved_before()
    {
        using PollScheduler scheduler = Start(pollers: 2);
        for (int n = 0; n < 50; n++)
        {
            bool removed = false;
            bool violated = false;
            var pollable = new ScriptedPollable
            {
                OnPoll = _ =>
                {
                    Thread.SpinWait(100);
                    violated |= Volatile.Read(ref removed);
                    return 1;
                },
            };
            PollHandle handle = scheduler.Add(pollable, "victim");
            Assert.True(scheduler.Move(handle, 1 - handle.PollerIndex));
            int before = pollable.Polls;
            Assert.True(SpinWait.SpinUntil(() => pollable.Polls > before, Patience));
            scheduler.Remove(handle);
            Volatile.Write(ref removed, true);
            Thread.Yield();
            Assert.False(violated);
        }
    }

    [Fact]
    public void A_busy_pollable_is_taken_from_a_busy_poller_and_the_figures_show_it()
    {
        using PollScheduler scheduler = Start(pollers: 2);
        PollHandle[] handles = [.. Enumerable.Range(0, 4).Select(i => scheduler.Add(Busy(), $"p{i}"))];
        foreach (PollHandle handle in handles)
        {
            scheduler.Move(handle, 0);
        }

        long arrivals = scheduler.ReportPollers()[1].Arrivals;
        Assert.True(SpinWait.SpinUntil(() => scheduler.Balance() is not null, Patience), "nothing was moved");

        IReadOnlyList<PollerReport> reports = scheduler.ReportPollers();
        Assert.Equal(arrivals + 1, reports[1].Arrivals);
        Assert.Equal([3, 1], reports.Select(r => r.Pollables));
        Assert.True(reports[0].BusyShare > 0.5);
        Assert.True(reports[0].Busy > TimeSpan.Zero);
        Assert.True(reports[0].LongestGap > TimeSpan.Zero);
        Assert.NotEmpty(reports[0].Gaps);

        static ScriptedPollable Busy() => new()
        {
            OnPoll = _ =>
            {
                Thread.SpinWait(200);
                return 1;
            },
        };
    }

    private static void Wake(int seed, ScriptedPollable[] pollables, PollHandle[] handles)
    {
        var random = new Random(seed);
        for (int n = 0; n < 10_000; n++)
        {
            int i = random.Next(pollables.Length);
            pollables[i].AddWork(1);
            handles[i].Wake();
            if (n % 50 == 0)
            {
                Thread.Yield();
            }
        }
    }

    private static PollScheduler Start(int pollers) =>
        new([.. Enumerable.Range(0, pollers).Select(_ => new SignalSleep())], new PollSettings(SpinMicroseconds: 0), TimeProvider.System);
}
