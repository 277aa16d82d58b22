using SoftIov.Datapath;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Answers that come while nobody looks, and lanes that end while requests are under way.</summary>
public sealed class LaneWakeTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private readonly StoreSetup _setup = new();
    private readonly StorePipe _pipe = new();
    private readonly FileStore _store;

    public LaneWakeTests()
    {
        _store = _setup.Wrap(_pipe.OpenReader());
    }

    public void Dispose()
    {
        _store.Dispose();
        _pipe.Dispose();
        _setup.Dispose();
    }

    [Fact]
    public void An_answer_wakes_the_handle_of_a_poller_that_sleeps()
    {
        using IBlockLane lane = _setup.OpenLane(_store);
        for (int i = 0; i < 50; i++)
        {
            Start(lane, 512);
            Assert.Equal(0, lane.Reap(new BlockCompletion[4]));
            int arms = _setup.Pollable.Arms;
            _pipe.Write(new byte[512]);
            StoreSetup.Until(() => _setup.Pollable.Arms > arms, "the poller slept on");
            Assert.Equal(BlockOutcome.Done, StoreSetup.Take(lane, 1)[0].Outcome);
        }
    }

    [Fact]
    public void What_was_done_in_part_is_gone_on_with()
    {
        byte[] bytes = StoreSetup.Pattern(8192);
        using IBlockLane lane = _setup.OpenLane(_store);
        Start(lane, bytes.Length);
        for (int at = 0; at < bytes.Length; at += 1024)
        {
            Assert.Equal(0, lane.Reap(new BlockCompletion[4]));
            Assert.Equal(1, lane.InFlight);
            int arms = _setup.Pollable.Arms;
            _pipe.Write(bytes.AsSpan(at, 1024));
            StoreSetup.Until(() => _setup.Pollable.Arms > arms, "nobody was told");
        }

        Assert.Equal(BlockOutcome.Done, StoreSetup.Take(lane, 1)[0].Outcome);
        byte[] read = new byte[bytes.Length];
        lane.Buffer(0).Read(0, read);
        Assert.Equal(bytes, read);
    }

    [Fact]
    public void A_request_outlives_the_thread_that_started_it()
    {
        using IBlockLane lane = _setup.OpenLane(_store);
        Thread starter = new(() => Start(lane, 512));
        starter.Start();
        starter.Join();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, lane.Reap(new BlockCompletion[4]));
            Thread.Sleep(1);
        }

        _pipe.Write(StoreSetup.Pattern(512));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Take(lane, 1)[0].Outcome);
        byte[] read = new byte[512];
        lane.Buffer(0).Read(0, read);
        Assert.Equal(StoreSetup.Pattern(512), read);
    }

    [Fact]
    public void Disposing_waits_for_what_is_in_flight()
    {
        IBlockLane lane = _setup.OpenLane(_store);
        Start(lane, 512);
        Start(lane, 512);
        Thread disposer = new(lane.Dispose);
        disposer.Start();
        Assert.False(disposer.Join(100));
        _pipe.Write(new byte[512]);
        Assert.False(disposer.Join(50));
        _pipe.Write(new byte[512]);
        Assert.True(disposer.Join(Long));
    }

    [Fact]
    public void What_was_taken_and_not_started_is_done_before_the_end()
    {
        using FileStore store = _setup.OpenFile(_setup.File("a"), 1 << 20);
        using (IBlockLane lane = _setup.OpenLane(store))
        {
            lane.Buffer(0).Write(0, StoreSetup.Pattern(4096));
            Assert.True(lane.TrySubmit(new BlockRequest(0, BlockOperation.Write, 4096, 4096)));
        }

        Assert.Equal(StoreSetup.Pattern(4096), File.ReadAllBytes(_setup.File("a"))[4096..8192]);
    }

    [Fact]
    public void The_end_of_the_medium_is_an_error()
    {
        using IBlockLane lane = _setup.OpenLane(_store);
        Start(lane, 512);
        _pipe.Dispose();
        Assert.Equal(BlockOutcome.MediumError, StoreSetup.Take(lane, 1)[0].Outcome);
    }

    /// <summary>
    /// A lane that is reaped by polling and wakes its poller by edges: were one answer slept over, the next request would never be made, and
    /// the count would stand still. The other side answers at once, or when the poller has fallen asleep, or in between.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_answer_is_slept_over(int depth)
    {
        const int Requests = 20_000;
        int done = 0;
        IBlockLane? lane = null;
        BlockCompletion[] completions = new BlockCompletion[2];
        PollHandle handle = _setup.Scheduler.Add(new Datapath.ScriptedPollable { OnPoll = _ => Poll() }, "stress", 0);
        using (lane = _store.OpenLane(depth, 4096, handle))
        {
            handle.Wake();
            var random = new Random(depth);
            byte[] block = new byte[512];
            for (int i = 0; i < Requests; i++)
            {
                _pipe.Write(block);
                Thread.SpinWait(random.Next(4) switch { 0 => 0, 1 => random.Next(100), 2 => random.Next(1000), _ => random.Next(3000) });
            }

            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == Requests, Long), $"{done} of {Requests}: an answer was slept over");
            _setup.Scheduler.Remove(handle);
            for (int i = 0; i < lane.InFlight; i++)
            {
                _pipe.Write(block);
            }
        }

        int Poll()
        {
            if (Volatile.Read(ref lane) is not { } open)
            {
                return 0;
            }

            int reaped = open.Reap(completions);
            Volatile.Write(ref done, done + reaped);
            int submitted = 0;
            while (open.InFlight < depth)
            {
                open.TrySubmit(new BlockRequest(submitted++, BlockOperation.Read, 0, 512));
            }

            open.Start();
            return reaped;
        }
    }

    private static void Start(IBlockLane lane, int length)
    {
        Assert.True(lane.TrySubmit(new BlockRequest(0, BlockOperation.Read, 0, length)));
        lane.Start();
    }
}
