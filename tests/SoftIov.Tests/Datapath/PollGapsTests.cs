using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public sealed class PollGapsTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly SignalSleep _sleeper = new();

    public void Dispose() => _sleeper.Dispose();

    [Fact]
    public void Buckets_follow_each_other_and_hold_what_they_say()
    {
        long begin = 0;
        for (int bucket = 0; PollGaps.EndOf(bucket) < long.MaxValue; bucket++)
        {
            long end = PollGaps.EndOf(bucket);
            Assert.True(end > begin);
            Assert.Equal((bucket, bucket, bucket + 1), (PollGaps.BucketOf(begin), PollGaps.BucketOf(end - 1), PollGaps.BucketOf(end)));
            Assert.True(end <= begin + Math.Max(1, begin / 4));
            begin = end;
        }

        Assert.True(begin > 1L << 61);
        Assert.InRange(PollGaps.BucketOf(long.MaxValue), 0, new PollGaps().Length - 1);
        Assert.Equal(0, PollGaps.BucketOf(-1));
    }

    [Fact]
    public void Time_between_rounds_is_counted_and_time_asleep_is_not()
    {
        var poller = new Poller(_sleeper, new PollSettings(SpinMicroseconds: 0), _clock, (_, broken) => throw broken);
        var work = new ScriptedPollable();
        work.AddWork(1_000_000);
        PollHandle handle = poller.Add(work, "work");
        poller.RunRound();
        _clock.AdvanceMicroseconds(7);
        poller.RunRound();
        work.AddWork((int)-work.Left);
        poller.RunRound();
        Assert.True(handle.IsArmed);
        _sleeper.Wake();
        var waking = new AdvancingSleep(_clock);
        Assert.Equal(1, poller.Gaps[PollGaps.BucketOf(7_000)]);

        var sleepy = new Poller(waking, new PollSettings(SpinMicroseconds: 0), _clock, (_, broken) => throw broken);
        sleepy.RunRound();
        sleepy.Rest();
        _clock.AdvanceMicroseconds(3);
        sleepy.RunRound();
        Assert.Equal(1, sleepy.Gaps[PollGaps.BucketOf(3_000)]);
        Assert.Equal(3_000, sleepy.Gaps.LongestTicks);
        Assert.Equal((1, 1_000_000), (sleepy.Sleeps, sleepy.AsleepTicks));
    }

    [Fact]
    public void Rounds_allocate_nothing_timed_or_not()
    {
        var poller = new Poller(_sleeper, new PollSettings(), _clock, (_, broken) => throw broken);
        var one = new ScriptedPollable();
        var other = new ScriptedPollable();
        poller.Add(one, "one");
        poller.Add(other, "other");
        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(2000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(poller.Gaps[PollGaps.BucketOf(2_000)] > 2000);

        void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                one.AddWork(40);
                other.AddWork(i % 3 == 0 ? 40 : 0);
                poller.RunRound();
                poller.Rest();
                _clock.AdvanceMicroseconds(2);
            }
        }
    }

    /// <summary>A sleep of a millisecond.</summary>
    private sealed class AdvancingSleep(ManualClock clock) : IPollerSleep
    {
        public void Sleep(TimeSpan atMost)
        {
            if (atMost != TimeSpan.Zero)
            {
                clock.AdvanceMicroseconds(1000);
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
