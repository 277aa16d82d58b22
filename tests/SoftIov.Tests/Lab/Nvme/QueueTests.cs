using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>The driver's side of queues against completions written by hand.</summary>
public sealed class QueueTests : IDisposable
{
    private const int Page = 4096;
    private const int Size = 4;

    private readonly DriverMemory _memory = DriverMemory.CreatePrivate(1 << 20);
    private readonly RecordedDoorbells _doorbells = new();
    private readonly CompletionQueue _completions;
    private readonly SubmissionQueue _queue;
    private int _posted;

    public QueueTests()
    {
        _completions = new CompletionQueue(_memory, _doorbells, 3, Size, Page);
        _queue = new SubmissionQueue(_memory, _doorbells, _completions, 5, Size, Page);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Commands_fill_all_entries_but_one_and_the_tail_is_rung()
    {
        for (int i = 0; i < Size - 1; i++)
            Assert.True(_queue.TrySubmit(NvmCommand.Flush((uint)i), out _));
        Assert.False(_queue.TrySubmit(NvmCommand.Flush(9), out _));
        _queue.Ring();
        Assert.Equal([(10, 3u)], _doorbells.Rings);
        for (int i = 0; i < Size - 1; i++)
            Assert.Equal((uint)i, MemoryMarshal.Read<SubmissionEntry>(_queue.Bytes(i)).NamespaceId);
        Assert.Equal(3, _queue.InFlight);
    }

    [Fact]
    public void N021_Completions_of_either_phase_are_taken_once_each_and_the_head_is_rung()
    {
        for (int round = 0; round < 11; round++)
        {
            Assert.True(_queue.TrySubmit(NvmCommand.Flush(1), out ushort id));
            Assert.Equal(0, _completions.Poll());
            Post(id, head: _queue.Tail, result: (uint)round);
            Assert.Equal(1, _completions.Poll());
            Assert.Equal((7, (uint)_completions.Head), _doorbells.Rings[^1]);
            Assert.True(_queue.TryTake(out CompletionEntry done));
            Assert.Equal((uint)round, done.Result);
            Assert.False(_queue.TryTake(out _));
        }
    }

    [Fact]
    public void Commands_done_out_of_order_come_in_the_order_of_their_completions()
    {
        ushort[] ids = [Submit(), Submit(), Submit()];
        Post(ids[2], head: 3);
        Post(ids[0], head: 3);
        _completions.Poll();
        Assert.Equal(0, _queue.Room);
        Assert.True(_queue.TryTake(out CompletionEntry first));
        Assert.True(_queue.TryTake(out CompletionEntry second));
        Assert.Equal((ids[2], ids[0]), (first.CommandId, second.CommandId));
        Assert.Equal((1, 2), (_queue.InFlight, _queue.Room));
    }

    [Fact]
    public void A_held_command_is_taken_by_its_identifier_only()
    {
        Assert.True(_queue.TrySubmit(NvmCommand.Flush(1), out ushort held, isHeld: true));
        ushort other = Submit();
        Post(held, head: 2);
        Post(other, head: 2);
        _completions.Poll();
        Assert.True(_queue.TryTake(out CompletionEntry done));
        Assert.Equal(other, done.CommandId);
        Assert.False(_queue.TryTake(out _));
        Assert.True(_queue.TryTake(held, out _));
        Assert.False(_queue.TryTake(held, out _));
    }

    [Fact]
    public void Completions_of_nothing_are_strays()
    {
        ushort id = Submit();
        Post((ushort)(id + 1), head: 1);
        Post(id, head: 1, queue: 6);
        Post(id, head: 1);
        Assert.Equal(3, _completions.Poll());
        Assert.Equal(2, _completions.Strays);
        Assert.True(_queue.TryTake(out _));
    }

    [Fact]
    public void Bytes_are_submitted_as_they_are()
    {
        byte[] raw = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        _queue.SubmitRaw(raw);
        Assert.Equal(raw, _queue.Bytes(0).ToArray());
        Assert.Equal(1, _queue.Tail);
        Post(0x0302, head: 1);
        _completions.Poll();
        Assert.Equal(0x0302, _completions.LastStray.CommandId);
    }

    [Fact]
    public void A_command_that_is_never_completed_is_told()
    {
        Assert.Throws<TimeoutException>(() => _queue.Execute(NvmCommand.Flush(1), TimeSpan.FromMilliseconds(20)));
        Assert.Equal(1, _queue.InFlight);
        _queue.Reset();
        Assert.Equal((0, 3), (_queue.InFlight, _queue.Room));
    }

    [Fact]
    public void Nothing_is_allocated_on_the_way_of_a_command()
    {
        Exchange(100);
        _doorbells.Rings.Capacity = 10_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Exchange(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _queue.TryAllocate(out ushort id);
            _queue.Submit(id, NvmCommand.Read(1, (ulong)i, 32).At(_queue.ListOf(id).Describe(0x1_2345_6000, 16384)));
            _queue.Ring();
            Post(id, head: _queue.Tail);
            _completions.Poll();
            _queue.TryTake(out _);
        }
    }

    private ushort Submit()
    {
        Assert.True(_queue.TrySubmit(NvmCommand.Flush(1), out ushort id));
        return id;
    }

    private void Post(ushort id, int head, int queue = 5, uint result = 0)
    {
        int phase = (_posted / Size) % 2 == 0 ? 1 : 0;
        var entry = new CompletionEntry(result, 0, (ushort)head, (ushort)queue, id, (ushort)phase);
        MemoryMarshal.Write(_completions.Bytes(_posted++ % Size), in entry);
    }
}
