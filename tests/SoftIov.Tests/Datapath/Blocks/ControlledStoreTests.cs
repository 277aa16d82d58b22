using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>The double that controllers are tested with loses what a medium may lose, and nothing else.</summary>
public sealed class ControlledStoreTests : IDisposable
{
    private readonly ControlledStore _store = new(length: 64 << 10);
    private readonly IBlockLane _lane;

    public ControlledStoreTests()
    {
        _lane = _store.OpenLane(4, 4096, null!);
    }

    public void Dispose() => _lane.Dispose();

    [Fact]
    public void Requests_wait_for_the_test()
    {
        Write(slot: 0, offset: 512, value: 7);
        Write(slot: 1, offset: 1024, value: 8);
        Assert.Equal(2, _store.Waiting.Length);
        Assert.Equal(0, _lane.Reap(new BlockCompletion[4]));
        Assert.True(_store.Answer(request => request.Slot == 1));
        Assert.Equal([new BlockCompletion(1, BlockOutcome.Done)], Reaped());
        Assert.Equal(1, _lane.InFlight);
        Assert.Equal(0, _store.Content[512]);
        Assert.Equal(8, _store.Content[1024]);
    }

    [Fact]
    public void A_power_cut_takes_what_was_neither_flushed_nor_durable()
    {
        Write(0, 0, 1);
        Write(1, 512, 2, isDurable: true);
        _store.Answer();
        Assert.Equal([0, 2], Stable(0, 512));
        Flush();
        Write(2, 1024, 3);
        Assert.True(_store.Answer(request => request.Operation == BlockOperation.Write));
        Assert.Equal([0, 2, 0], Stable(0, 512, 1024));

        // It covers what was answered before it started, and no more.
        _store.Answer();
        Assert.Equal([1, 2, 0], Stable(0, 512, 1024));
    }

    [Fact]
    public void A_flush_leaves_newer_durable_bytes_alone()
    {
        Write(0, 0, 1);
        _store.Answer();
        Flush();
        Write(1, 0, 2, isDurable: true);
        Assert.True(_store.Answer(request => request.Operation == BlockOperation.Write));
        _store.Answer();
        Assert.Equal([2], Stable(0));
    }

    [Fact]
    public void A_medium_that_lies_answers_and_keeps_nothing()
    {
        _store.LosesFlushes = true;
        _store.IsAutomatic = true;
        Write(0, 0, 1, isDurable: true);
        Flush();
        Assert.Equal(2, Reaped().Length);
        Assert.Equal([0], Stable(0));
        Assert.Equal(1, _store.Content[0]);
    }

    [Fact]
    public void What_fails_changes_nothing()
    {
        _store.IsAutomatic = true;
        _store.Judge = request => request.Offset == 512 ? BlockOutcome.MediumError : BlockOutcome.Done;
        Write(3, 512, 9);
        Assert.Equal([new BlockCompletion(3, BlockOutcome.MediumError)], Reaped());
        Assert.Equal(0, _store.Content[512]);
    }

    private void Write(int slot, long offset, byte value, bool isDurable = false)
    {
        _lane.Buffer(slot).Write(0, Enumerable.Repeat(value, 512).ToArray());
        Assert.True(_lane.TrySubmit(new BlockRequest(slot, BlockOperation.Write, offset, 512, IsDurable: isDurable)));
        _lane.Start();
    }

    private void Flush()
    {
        Assert.True(_lane.TrySubmit(new BlockRequest(0, BlockOperation.Flush, 0, 0)));
        _lane.Start();
    }

    private BlockCompletion[] Reaped()
    {
        var completions = new BlockCompletion[8];
        return completions[.._lane.Reap(completions)];
    }

    private byte[] Stable(params int[] offsets)
    {
        byte[] content = _store.AfterPowerCut().Content;
        return [.. offsets.Select(offset => content[offset])];
    }
}
