using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>One poller, stepped by hand under a clock of the test.</summary>
public sealed class PollerTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly SignalSleep _sleeper = new();
    private readonly List<Exception> _faults = [];
    private readonly Poller _poller;

    public PollerTests()
    {
        _poller = new Poller(_sleeper, new PollSettings(SpinMicroseconds: 20), _clock, (_, broken) => _faults.Add(broken));
    }

    public void Dispose() => _sleeper.Dispose();

    [Fact]
    public void Each_pollable_gets_one_burst_per_round()
    {
        var busy = new ScriptedPollable();
        var other = new ScriptedPollable();
        _poller.Add(busy, "busy");
        _poller.Add(other, "other");
        busy.AddWork(100);
        other.AddWork(10);
        Assert.Equal(FrameBatch.Capacity + 10, _poller.RunRound());
        Assert.Equal((100 - FrameBatch.Capacity, 0), (busy.Left, other.Left));
    }

    [Fact]
    public void A_pollable_without_work_is_polled_for_the_spin_time_then_armed_and_left_alone()
    {
        var idle = new ScriptedPollable();
        _poller.Add(idle, "idle");
        idle.AddWork(1);
        _poller.RunRound();
        _clock.AdvanceMicroseconds(10);
        _poller.RunRound();
        Assert.Equal(0, idle.Arms);
        _clock.AdvanceMicroseconds(10);
        _poller.RunRound();
        Assert.Equal((4, 1), (idle.Polls, idle.Arms));
        _poller.RunRound();
        Assert.Equal(4, idle.Polls);
    }

    [Fact]
    public void A_wake_disarms_and_polls_again()
    {
        var idle = new ScriptedPollable();
        PollHandle handle = _poller.Add(idle, "idle");
        RunUntilArmed(idle);
        idle.AddWork(5);
        handle.Wake();
        Assert.Equal(5, _poller.RunRound());
        Assert.Equal(1, idle.Disarms);
    }

    [Fact]
    public void Work_that_came_while_arming_is_not_slept_over()
    {
        int arms = 0;
        ScriptedPollable late = null!;
        late = new ScriptedPollable { OnPoll = _ => arms++ == 1 ? Drained(late) : Taken(late) };
        _poller.Add(late, "late");
        _clock.AdvanceMicroseconds(100);
        Assert.Equal(0, _poller.RunRound());
        Assert.Equal(1, _poller.RunRound());

        // Empty when polled, full when armed.
        static int Drained(ScriptedPollable pollable)
        {
            pollable.AddWork(1);
            return 0;
        }

        static int Taken(ScriptedPollable pollable)
        {
            int left = (int)pollable.Left;
            pollable.AddWork(-left);
            return left;
        }
    }

    [Fact]
    public void What_a_wake_is_for_is_found_even_when_arming_does_not_know_it()
    {
        bool isToStart = false;
        int started = 0;
        PollHandle handle = null!;
        var starting = new ScriptedPollable { OnPoll = _ => isToStart ? ++started : Asked() };
        handle = _poller.Add(starting, "starting");
        _clock.AdvanceMicroseconds(100);
        Assert.Equal(1, _poller.RunRound());
        Assert.Equal((1, 0), (started, starting.Arms));

        // Another thread, just after the look that found nothing.
        int Asked()
        {
            isToStart = true;
            handle.Wake();
            return 0;
        }
    }

    [Fact]
    public void A_deadline_brings_the_poller_back_without_a_wake()
    {
        long due = _clock.GetTimestamp() + _clock.Microseconds(500);
        var throttled = new ScriptedPollable
        {
            OnPoll = context =>
            {
                if (context.NowTicks < due)
                {
                    context.WakeAt(due);
                    return 0;
                }

                return 1;
            },
        };
        _poller.Add(throttled, "throttled");
        _poller.RunRound();
        Assert.Equal(1, throttled.Arms);
        _clock.AdvanceMicroseconds(499);
        Assert.Equal(0, _poller.RunRound());
        Assert.Equal(2, throttled.Polls);
        _clock.AdvanceMicroseconds(1);
        Assert.Equal(1, _poller.RunRound());
    }

    [Fact]
    public void A_pollable_that_throws_is_stopped_and_the_others_go_on()
    {
        var broken = new ScriptedPollable
        {
            OnPoll = context =>
            {
                context.Frames.Dispatch.Start(1);
                context.Frames.Dispatch.Add(0, 3);
                throw new InvalidOperationException("broken on purpose");
            },
        };
        var healthy = new ScriptedPollable();
        PollHandle handle = _poller.Add(broken, "broken");
        _poller.Add(healthy, "healthy");
        healthy.AddWork(2 * FrameBatch.Capacity);
        Assert.Equal(FrameBatch.Capacity, _poller.RunRound());
        handle.Wake();
        Assert.Equal(FrameBatch.Capacity, _poller.RunRound());
        Assert.Equal(1, broken.Polls);
        Assert.Single(_faults);
    }

    [Fact]
    public void A_removed_pollable_is_not_polled_and_its_slot_is_used_again()
    {
        var first = new ScriptedPollable();
        PollHandle handle = _poller.Add(first, "first");
        _poller.Remove(handle);
        _poller.Remove(handle);
        handle.Wake();
        _poller.RunRound();
        Assert.Equal(0, first.Polls);

        var second = new ScriptedPollable();
        PollHandle next = _poller.Add(second, "second");
        PollHandle after = _poller.Add(new ScriptedPollable(), "third");
        Assert.Equal(handle.Place.Slot, next.Place.Slot);
        Assert.NotEqual(next.Place.Slot, after.Place.Slot);
        _poller.RunRound();
        Assert.NotEqual(0, second.Polls);
    }

    [Fact]
    public void The_round_starts_at_another_pollable_each_time()
    {
        var order = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int me = i;
            _poller.Add(
                new ScriptedPollable
                {
                    OnPoll = _ =>
                    {
                        order.Add(me);
                        return 1;
                    },
                },
                "p");
        }

        for (int i = 0; i < 3; i++)
        {
            _poller.RunRound();
        }

        Assert.Equal([0, 1, 2, 1, 2, 0, 2, 0, 1], order);
    }

    [Fact]
    public void A_poller_that_never_sleeps_notices_what_only_its_sleep_can()
    {
        var watched = new ScriptedPollable();
        var busy = new ScriptedPollable();
        var sleeper = new NoticingSleep();
        var poller = new Poller(sleeper, new PollSettings(SpinMicroseconds: 20), _clock, (_, _) => { });
        sleeper.Watched = poller.Add(watched, "watched");
        poller.Add(busy, "busy");
        busy.AddWork(10_000);
        while (watched.Arms == 0)
        {
            _clock.AdvanceMicroseconds(5);
            poller.RunRound();
        }

        watched.AddWork(1);
        sleeper.IsReadable = true;
        while (watched.Left > 0)
        {
            _clock.AdvanceMicroseconds(5);
            Assert.Equal(FrameBatch.Capacity, Math.Min(FrameBatch.Capacity, poller.RunRound()));
        }

        Assert.InRange(busy.Left, 5_000, 10_000);
    }

    private void RunUntilArmed(ScriptedPollable pollable)
    {
        while (pollable.Arms == 0)
        {
            _clock.AdvanceMicroseconds(10);
            _poller.RunRound();
        }
    }

    /// <summary>A sleep with one descriptor, as it were, whose pollable it wakes when asked to sleep.</summary>
    private sealed class NoticingSleep : IPollerSleep
    {
        public PollHandle? Watched { get; set; }

        public bool IsReadable { get; set; }

        public void Sleep(TimeSpan atMost)
        {
            Assert.Equal(TimeSpan.Zero, atMost);
            if (IsReadable)
            {
                IsReadable = false;
                Watched!.Wake();
            }
        }

        public void Wake()
        {
        }

        public void Dispose()
        {
        }
    }
}
