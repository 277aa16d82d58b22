using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>Fairness of one poller, stepped by hand: a burst takes as long as the test says.</summary>
public sealed class PollTurnsTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly SignalSleep _sleeper = new();
    private readonly Poller _poller;

    public PollTurnsTests()
    {
        _poller = new Poller(_sleeper, new PollSettings(), _clock, (_, broken) => throw broken);
    }

    public void Dispose() => _sleeper.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(3000)]
    public void One_that_floods_with_work_that_takes_long_gets_no_more_time_than_each_of_three_neighbours(int nanosecondsPerFrame)
    {
        var hostile = new Sender(this, _clock, nanosecondsPerFrame);
        Sender[] polite = [.. Enumerable.Range(0, 3).Select(_ => new Sender(this, _clock, 500))];
        RunFor(seconds: 5);

        // Work of 3 ms cannot be cut; it counts for 400 us, so that a visit that was interrupted by others is not held against the pollable.
        double most = nanosecondsPerFrame > 400 ? 0.75 : 0.3;
        double total = hostile.Spent + polite.Sum(p => p.Spent);
        Assert.InRange(hostile.Spent / total, 0.1, most);
        Assert.All(polite, p => Assert.InRange(p.Spent / total, (1 - most) / 3 * 0.8, 0.32));
    }

    [Fact]
    public void Neighbours_that_send_little_wait_for_a_short_burst_at_most()
    {
        var hostile = new Sender(this, _clock, 100_000);
        var polite = new Sender(this, _clock, 500) { Left = 0 };
        RunFor(seconds: 1);
        double before = hostile.Spent;
        for (int i = 0; i < 200; i++)
        {
            polite.Left = 4;
            polite.Handle.Wake();
            long start = _clock.GetTimestamp();
            while (polite.Left > 0)
            {
                _poller.RunRound();
            }

            Assert.InRange(_clock.GetTimestamp() - start, 1, _clock.Microseconds(150));
            RunFor(seconds: i % 2 == 0 ? 0.0005 : 0.01);
        }

        Assert.True(hostile.Spent - before > 1, "what the neighbour leaves is for the one that wants it");
    }

    [Fact]
    public void One_alone_is_never_made_to_wait_and_has_whole_bursts()
    {
        var alone = new Sender(this, _clock, 500);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(FrameBatch.Capacity, _poller.RunRound());
        }

        Assert.Equal(100, alone.Visits);
    }

    [Fact]
    public void One_that_handles_more_than_a_burst_is_not_given_more_than_a_burst()
    {
        int most = 0;
        _poller.Add(new ScriptedPollable { OnPoll = Handle }, "ending and beginning");
        RunFor(seconds: 0.1);
        Assert.Equal(PollContext.FullBudget, most);

        int Handle(PollContext context)
        {
            most = Math.Max(most, context.Budget);
            _clock.AdvanceMicroseconds(60);
            return 2 * context.Budget;
        }
    }

    [Fact]
    public void Bursts_become_whole_again_when_they_are_quick()
    {
        var changing = new Sender(this, _clock, 100_000);
        _ = new Sender(this, _clock, 500);
        RunFor(seconds: 0.1);
        Assert.Equal(1, changing.LastBurst);
        changing.NanosecondsPerFrame = 500;
        RunFor(seconds: 0.1);
        Assert.Equal(FrameBatch.Capacity, changing.LastBurst);
    }

    private void RunFor(double seconds)
    {
        long end = _clock.GetTimestamp() + (long)(seconds * _clock.TimestampFrequency);
        while (_clock.GetTimestamp() < end)
        {
            if (_poller.RunRound() == 0)
            {
                _clock.AdvanceMicroseconds(1);
            }
        }
    }

    /// <summary>Has frames to send, as many as there are, each of which takes so long.</summary>
    private sealed class Sender : IPollable
    {
        private readonly ManualClock _clock;

        public Sender(PollTurnsTests test, ManualClock clock, int nanosecondsPerFrame)
        {
            _clock = clock;
            NanosecondsPerFrame = nanosecondsPerFrame;
            Handle = test._poller.Add(this, "sender");
        }

        public PollHandle Handle { get; }

        public int NanosecondsPerFrame { get; set; }

        public int Left { get; set; } = int.MaxValue;

        public int LastBurst { get; private set; }

        public int Visits { get; private set; }

        /// <summary>Seconds.</summary>
        public double Spent { get; private set; }

        public int Poll(PollContext context)
        {
            int burst = Math.Min(Left, context.Budget);
            Left -= Left == int.MaxValue ? 0 : burst;
            _clock.AdvanceNanoseconds((long)burst * NanosecondsPerFrame);
            Spent += burst * NanosecondsPerFrame / 1e9;
            LastBurst = burst;
            Visits++;
            return burst;
        }

        public bool Arm(PollContext context) => Left > 0;

        public void Disarm()
        {
        }
    }
}
