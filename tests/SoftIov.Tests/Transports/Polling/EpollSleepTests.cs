using SoftIov.Linux;
using SoftIov.Transports;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class EpollSleepTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly EpollSleep _sleep = new();
    private readonly EventFd _source = new();
    private int _noticed;

    public void Dispose()
    {
        _sleep.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void A_wake_is_remembered_and_ends_one_sleep()
    {
        _sleep.Wake();
        _sleep.Wake();
        AssertReturnsAtOnce(Long);
        Assert.True(Slept(TimeSpan.FromMilliseconds(20)) >= TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_wake_from_another_thread_ends_the_sleep_under_way()
    {
        Thread sleeper = new(() => _sleep.Sleep(Timeout.InfiniteTimeSpan)) { IsBackground = true };
        sleeper.Start();
        _sleep.Wake();
        Assert.True(sleeper.Join(Long));
    }

    [Fact]
    public void Sleeps_shorter_than_a_millisecond_are_possible()
    {
        TimeSpan total = default;
        for (int i = 0; i < 20; i++)
        {
            TimeSpan slept = Slept(TimeSpan.FromMicroseconds(200));
            Assert.True(slept >= TimeSpan.FromMicroseconds(200));
            total += slept;
        }

        Assert.True(total >= TimeSpan.FromMilliseconds(4));
    }

    [Fact]
    public void A_watched_descriptor_ends_the_sleep_and_is_told_once_per_arrival()
    {
        using IDisposable watch = _sleep.Watch(_source.Descriptor, () => _noticed++);
        _sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(0, _noticed);
        _source.Signal();
        AssertReturnsAtOnce(Long);
        Assert.Equal(1, _noticed);

        // Still readable, but nothing came since: no reason to wake for it again.
        _sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(1, _noticed);
        _source.Signal();
        _sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(2, _noticed);
    }

    [Fact]
    public void A_descriptor_that_is_readable_when_the_watch_begins_is_told()
    {
        _source.Signal();
        using IDisposable watch = _sleep.Watch(_source.Descriptor, () => _noticed++);
        _sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(1, _noticed);
    }

    [Fact]
    public void A_watch_that_ended_tells_nothing_and_its_place_is_used_again()
    {
        IDisposable watch = _sleep.Watch(_source.Descriptor, () => _noticed++);
        watch.Dispose();
        watch.Dispose();
        using IDisposable next = _sleep.Watch(_source.Descriptor, () => _noticed += 10);
        watch.Dispose();
        _source.Signal();
        _sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(10, _noticed);
    }

    [Fact]
    public void Many_descriptors_are_told_apart()
    {
        var sources = new EventFd[100];
        int[] told = new int[sources.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            int me = i;
            sources[i] = new EventFd();
            _sleep.Watch(sources[i].Descriptor, () => told[me]++);
        }

        Array.ForEach(sources, source => source.Signal());
        _sleep.Sleep(TimeSpan.Zero);
        _sleep.Sleep(TimeSpan.Zero);
        Assert.All(told, times => Assert.Equal(1, times));
        Array.ForEach(sources, source => source.Dispose());
    }

    [Fact]
    public void A_watch_may_end_after_the_sleep_did()
    {
        var sleep = new EpollSleep();
        IDisposable watch = sleep.Watch(_source.Descriptor, () => { });
        sleep.Dispose();
        watch.Dispose();
    }

    [Fact]
    public void What_cannot_be_polled_is_refused()
    {
        using FileDescriptor file = MemoryFile.Create("memory", 4096);
        Assert.Throws<LinuxException>(() => _sleep.Watch(file, () => { }));
        using IDisposable watch = _sleep.Watch(_source.Descriptor, () => _noticed++);
        Assert.Throws<LinuxException>(() => _sleep.Watch(_source.Descriptor, () => { }));
    }

    [Fact]
    public void Sleeping_and_waking_allocate_nothing()
    {
        using IDisposable watch = _sleep.Watch(_source.Descriptor, () => _noticed++);
        Run(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(100);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                _sleep.Wake();
                _source.Signal();
                _sleep.Sleep(Long);
                _sleep.Sleep(TimeSpan.FromMicroseconds(10));
            }
        }
    }

    private void AssertReturnsAtOnce(TimeSpan atMost) => Assert.True(Slept(atMost) < atMost);

    private TimeSpan Slept(TimeSpan atMost)
    {
        long start = TimeProvider.System.GetTimestamp();
        _sleep.Sleep(atMost);
        return TimeProvider.System.GetElapsedTime(start);
    }
}
