using System.Diagnostics;
using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>Real threads.</summary>
public class PollSchedulerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void No_wake_is_lost_between_many_wakers_and_a_sleepy_poller()
    {
        using PollScheduler scheduler = Start(spinMicroseconds: 0);
        var pollables = new ScriptedPollable[70];
        var handles = new PollHandle[pollables.Length];
        for (int i = 0; i < pollables.Length; i++)
        {
            pollables[i] = new ScriptedPollable();
            handles[i] = scheduler.Add(pollables[i], $"p{i}");
        }

        Parallel.For(0, 4, waker =>
        {
            var random = new Random(waker);
            for (int n = 0; n < 5_000; n++)
            {
                int i = random.Next(pollables.Length);
                pollables[i].AddWork(1);
                handles[i].Wake();
                if (n % 50 == 0)
                {
                    Thread.Yield();
                }
            }
        });
        foreach (ScriptedPollable pollable in pollables)
        {
            Assert.True(SpinWait.SpinUntil(() => pollable.Left == 0, Patience), "a wake was lost");
        }
    }

    [Fact]
    public void Idle_pollables_cost_no_polls()
    {
        using PollScheduler scheduler = Start(spinMicroseconds: 20);
        var pollables = new ScriptedPollable[256];
        for (int i = 0; i < pollables.Length; i++)
        {
            pollables[i] = new ScriptedPollable();
            scheduler.Add(pollables[i], $"p{i}");
        }

        Assert.True(SpinWait.SpinUntil(() => Array.TrueForAll(pollables, p => p.Arms == 1), Patience));
        int polls = pollables.Sum(p => p.Polls);
        Thread.Sleep(50);
        Assert.Equal(polls, pollables.Sum(p => p.Polls));
    }

    [Fact]
    public void After_removal_no_poller_is_inside()
    {
        using PollScheduler scheduler = Start(spinMicroseconds: 1000);
        for (int n = 0; n < 50; n++)
        {
            bool removed = false;
            bool violated = false;
            var pollable = new ScriptedPollable
            {
                OnPoll = _ =>
                {
                    Thread.SpinWait(200);
                    violated |= Volatile.Read(ref removed);
                    return 1;
                },
            };
            PollHandle handle = scheduler.Add(pollable, "victim");
            SpinWait.SpinUntil(() => pollable.Polls > 3);
            scheduler.Remove(handle);
            Volatile.Write(ref removed, true);
            int polls = pollable.Polls;
            Thread.Yield();
            Assert.Equal(polls, pollable.Polls);
            Assert.False(violated);
        }
    }

    [Fact]
    public async Task A_quiet_point_comes_at_once_when_pollers_sleep_and_within_a_round_when_not()
    {
        using PollScheduler scheduler = Start(spinMicroseconds: 20);
        Thread.Sleep(5);
        Assert.Contains(Enumerable.Range(0, 20), _ => QuietPointComesAtOnce()); // some try: this thread may have to wait for a core

        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        scheduler.Add(new ScriptedPollable { OnPoll = _ => Hold(inside, leave) }, "holder");
        inside.Wait();
        Task waiting = Task.Run(scheduler.WaitForQuietPoint);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(30)));
        leave.Set();
        await waiting.WaitAsync(Patience);

        bool QuietPointComesAtOnce()
        {
            var watch = Stopwatch.StartNew();
            scheduler.WaitForQuietPoint();
            return watch.ElapsedMilliseconds < 500;
        }

        static int Hold(ManualResetEventSlim inside, ManualResetEventSlim leave)
        {
            inside.Set();
            leave.Wait();
            return 0;
        }
    }

    [Fact]
    public async Task A_poller_may_not_wait_for_itself()
    {
        using PollScheduler scheduler = Start(spinMicroseconds: 20);
        var faults = new TaskCompletionSource<(string Name, Exception Reason)>();
        scheduler.PollableFaulted += (handle, reason) => faults.TrySetResult((handle.Name, reason));
        scheduler.Add(
            new ScriptedPollable
            {
                OnPoll = _ =>
                {
                    scheduler.WaitForQuietPoint();
                    return 0;
                },
            },
            "selfish");
        (string name, Exception reason) = await faults.Task.WaitAsync(Patience);
        Assert.Equal("selfish", name);
        Assert.IsType<InvalidOperationException>(reason);
    }

    [Fact]
    public void Pollables_are_spread_over_pollers()
    {
        using var scheduler = new PollScheduler([new SignalSleep(), new SignalSleep()], new PollSettings(), TimeProvider.System);
        var threads = new int[2];
        for (int i = 0; i < 2; i++)
        {
            int me = i;
            scheduler.Add(
                new ScriptedPollable
                {
                    OnPoll = _ =>
                    {
                        Volatile.Write(ref threads[me], Environment.CurrentManagedThreadId);
                        return 0;
                    },
                },
                "p");
        }

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref threads[0]) != 0 && Volatile.Read(ref threads[1]) != 0, Patience));
        Assert.NotEqual(threads[0], threads[1]);
    }

    private static PollScheduler Start(int spinMicroseconds) =>
        new([new SignalSleep()], new PollSettings(spinMicroseconds), TimeProvider.System);
}
