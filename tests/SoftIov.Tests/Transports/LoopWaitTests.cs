using System.Diagnostics;
using SoftIov.Linux;
using SoftIov.Transports;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>The loop's wait: awake for a moment behind quick clients, asleep otherwise.</summary>
public sealed class LoopWaitTests : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly EventFd _event = new();
    private readonly EpollEvent[] _events = new EpollEvent[4];
    private readonly LoopWait _wait;

    public LoopWaitTests()
    {
        _epoll.Add(_event.Descriptor, EpollEvents.In, 1);
        _wait = new LoopWait(_epoll);
    }

    public void Dispose()
    {
        _event.Dispose();
        _epoll.Dispose();
    }

    [Fact]
    public void Events_come_whether_they_were_there_or_come_later()
    {
        _event.Signal();
        Assert.Equal(1, _wait.Wait(_events, -1));
        _event.Consume();
        Assert.Equal(0, _wait.Wait(_events, 1));
        using var later = new Timer(_ => _event.Signal(), null, 20, Timeout.Infinite);
        Assert.Equal(1, _wait.Wait(_events, -1));
    }

    [Fact]
    public void After_a_quick_client_fell_silent_the_loop_sleeps()
    {
        BeQuick();
        _event.Consume();
        long before = ContextSwitches();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(0, _wait.Wait(_events, 10));
            _wait.Answered();
        }

        Assert.InRange(ContextSwitches() - before, 10, long.MaxValue);
        Assert.False(_wait.IsAwake);
    }

    [Fact]
    public void A_quick_client_is_awaited_awake()
    {
        BeQuick();
        _event.Consume();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(0, _wait.Wait(_events, 0));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMicroseconds(100));
        start = Stopwatch.GetTimestamp();
        Assert.Equal(0, _wait.Wait(_events, 0));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void What_needs_no_answer_keeps_nobody_awake()
    {
        _event.Signal();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(1, _wait.Wait(_events, -1));
            Assert.False(_wait.IsAwake);
        }

        BeQuick();
        Assert.Equal(1, _wait.Wait(_events, -1));
        Assert.False(_wait.IsAwake);
    }

    /// <summary>Signals the event, and takes it and answers until the next one is awaited awake.</summary>
    private void BeQuick()
    {
        _event.Signal();
        long end = Environment.TickCount64 + 30_000;
        do
        {
            Assert.True(Environment.TickCount64 < end);
            Assert.Equal(1, _wait.Wait(_events, -1));
            _wait.Answered();
        }
        while (!_wait.IsAwake);
    }

    /// <summary>How often this thread slept.</summary>
    private static long ContextSwitches() => long.Parse(
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("voluntary_ctxt_switches", StringComparison.Ordinal)).Split(':')[1]);
}
