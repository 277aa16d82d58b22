using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>Two pollers that do nothing: how busy they and what they have were is what the test says.</summary>
public sealed class PollBalancerTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly SignalSleep _sleeper = new();
    private readonly Poller[] _pollers;
    private readonly PollBalancer _balancer;

    public PollBalancerTests()
    {
        _pollers = [Make(0), Make(1)];
        _balancer = new PollBalancer(_clock);
        _balancer.Look(_pollers);
    }

    public void Dispose() => _sleeper.Dispose();

    [Fact]
    public void The_pollable_that_evens_loads_out_best_goes_to_the_idlest()
    {
        PollHandle light = _pollers[0].Add(new ScriptedPollable(), "light");
        PollHandle middle = _pollers[0].Add(new ScriptedPollable(), "middle");
        PollHandle heavy = _pollers[0].Add(new ScriptedPollable(), "heavy");
        PollHandle there = _pollers[1].Add(new ScriptedPollable(), "there");

        PollMove? move = LookAfterASecond((light, 0.1), (middle, 0.3), (heavy, 0.5), (there, 0.3));

        Assert.Equal(("middle", 1), (move?.Handle.Name, move?.To.Index));
        Assert.Equal(0.5, heavy.Load.Share, 0.01);
        Assert.Equal(0.9, _pollers[0].Load.Share, 0.01);
    }

    [Fact]
    public void One_busy_pollable_alone_stays_where_it_is() =>
        Assert.Null(LookAfterASecond((_pollers[0].Add(new ScriptedPollable(), "elephant"), 1)));

    [Fact]
    public void A_move_that_gains_little_is_none() => Assert.Null(LookAfterASecond(
        (_pollers[0].Add(new ScriptedPollable(), "large"), 0.8), (_pollers[0].Add(new ScriptedPollable(), "small"), 0.08)));

    [Fact]
    public void Pollers_that_are_not_busy_keep_what_they_have() => Assert.Null(LookAfterASecond(
        (_pollers[0].Add(new ScriptedPollable(), "one"), 0.2), (_pollers[0].Add(new ScriptedPollable(), "other"), 0.2)));

    [Fact]
    public void What_must_stay_is_not_moved() => Assert.Null(LookAfterASecond(
        (_pollers[0].Add(new ScriptedPollable(), "uplink", canMove: false), 0.5),
        (_pollers[0].Add(new ScriptedPollable(), "other uplink", canMove: false), 0.5)));

    [Fact]
    public void What_was_moved_rests_for_five_seconds()
    {
        PollHandle one = _pollers[0].Add(new ScriptedPollable(), "one");
        PollHandle other = _pollers[0].Add(new ScriptedPollable(), "other");
        one.Load.MovedAtTicks = _clock.GetTimestamp();
        Assert.Equal("other", LookAfterASecond((one, 0.6), (other, 0.4))?.Handle.Name);
        other.Load.MovedAtTicks = _clock.GetTimestamp();
        for (int second = 2; second < 5; second++)
        {
            Assert.Null(LookAfterASecond((one, 0.6), (other, 0.4)));
        }

        Assert.Equal("one", LookAfterASecond((one, 0.6), (other, 0.4))?.Handle.Name);
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        PollHandle one = _pollers[0].Add(new ScriptedPollable(), "one");
        PollHandle other = _pollers[0].Add(new ScriptedPollable(), "other");
        LookAfterASecond((one, 0.5), (other, 0.5));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _clock.AdvanceMicroseconds(1000);
            _pollers[0].BusyTicks += _clock.Microseconds(900);
            _balancer.Look(_pollers);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private Poller Make(int index) => new(_sleeper, new PollSettings(), _clock, (_, broken) => throw broken) { Index = index };

    /// <summary>Each was busy for such a part of the second.</summary>
    private PollMove? LookAfterASecond(params ReadOnlySpan<(PollHandle Handle, double Share)> loads)
    {
        _clock.AdvanceMicroseconds(1_000_000);
        foreach ((PollHandle handle, double share) in loads)
        {
            long ticks = (long)(share * _clock.TimestampFrequency);
            handle.BusyTicks += ticks;
            handle.Place.Poller.BusyTicks += ticks;
        }

        return _balancer.Look(_pollers);
    }
}
