using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

public sealed class EventTests
{
    [Fact]
    public void Signals_add_up_and_consume_takes_them()
    {
        using EventFd happened = new();
        Assert.Equal(0ul, happened.Consume());
        happened.Signal();
        EventFd.Signal(happened.Descriptor.Number);
        Assert.Equal(2ul, happened.Consume());
        Assert.False(happened.Wait(TimeSpan.Zero));
        happened.Signal();
        Assert.True(happened.Wait(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void A_disposed_event_is_not_signalled()
    {
        EventFd happened = new();
        Assert.True(happened.SignalShared());
        Assert.Equal(1ul, happened.Consume());
        happened.Dispose();
        Assert.False(happened.SignalShared());
    }

    [Fact]
    public async Task A_shared_event_is_signalled_whatever_its_owner_makes_of_it()
    {
        using EventFd happened = new();
        BlockingEvent.FillUp(happened);
        for (int i = 0; i < 3; i++)
            Assert.True(await Task.Run(happened.SignalShared).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(ulong.MaxValue, happened.Consume());
    }

    [Fact]
    public void Signals_of_many_threads_to_a_shared_event_are_all_counted()
    {
        const int Each = 20_000;
        const int Threads = 8;
        using EventFd happened = new();
        int failed = 0;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                if (!happened.SignalShared())
                    Interlocked.Increment(ref failed);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, failed);
        Assert.Equal((ulong)Each * Threads, happened.Consume());
    }

    [Fact]
    public void What_is_no_event_is_not_signalled()
    {
        using FileDescriptor file = MemoryFile.Create("none", 4096);
        using EventFd none = new(file);
        Assert.False(none.SignalShared());
    }

    [Fact]
    public void Only_eventfds_pass_for_eventfds()
    {
        using EventFd happened = new();
        using FileDescriptor file = MemoryFile.Create("anon_inode:[eventfd]", 4096);
        (UnixStream first, UnixStream second) = UnixStream.Pair();
        using (first)
        using (second)
        {
            Assert.True(EventFd.IsEventFd(happened.Descriptor));
            Assert.False(EventFd.IsEventFd(file));
            Assert.False(EventFd.IsEventFd(first.Descriptor));
        }
    }

    [Fact]
    public void Signalling_allocates_nothing()
    {
        using EventFd happened = new();
        happened.Signal();
        happened.SignalShared();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            happened.Signal();
            happened.SignalShared();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Epoll_returns_the_data_of_what_is_ready()
    {
        using Epoll loop = new();
        using EventFd one = new();
        using EventFd two = new();
        loop.Add(one.Descriptor, EpollEvents.In, 1);
        loop.Add(two.Descriptor, EpollEvents.In, 0x2_0000_0002);
        EpollEvent[] events = new EpollEvent[8];
        Assert.Equal(0, loop.Wait(events, 0));
        two.Signal();
        Assert.Equal(1, loop.Wait(events, 1000));
        Assert.Equal(new EpollEvent(EpollEvents.In, 0x2_0000_0002), events[0]);
        loop.Modify(two.Descriptor, EpollEvents.None, 0);
        Assert.Equal(0, loop.Wait(events, 0));
        loop.Remove(one.Descriptor);
        one.Signal();
        Assert.Equal(0, loop.Wait(events, 0));
    }

    [Fact]
    public void Poll_sees_what_can_be_read_and_what_cannot()
    {
        using EventFd happened = new();
        Assert.False(PollDescriptor.WaitReadable(happened.Descriptor, TimeSpan.FromMicroseconds(50)));
        Assert.True(PollDescriptor.WaitWritable(happened.Descriptor, TimeSpan.Zero));
        happened.Signal();
        Assert.True(PollDescriptor.WaitReadable(happened.Descriptor, TimeSpan.FromSeconds(30)));
    }
}
