using System.Runtime.InteropServices;
using SoftIov.Datapath;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Commands on a store that has not answered yet: aborts, changed entries, a store that is slow, identifiers used twice.</summary>
public sealed class InFlightTests : IDisposable
{
    private const int Length = 4096;

    private readonly ControlledStore _store = new(16 << 20) { IsAutomatic = true };
    private readonly ControllerRig _rig;
    private readonly NamespaceClient _disk;

    public InFlightTests()
    {
        _rig = ControllerRig.Enabled(_store);
        _disk = _rig.AddDisk();
        byte[] data = new byte[Length];
        data.AsSpan().Fill(0x42);
        _disk.Write(0, data).Check("write");
        _store.IsAutomatic = false;
    }

    public void Dispose()
    {
        _store.IsAutomatic = true;
        _store.Answer();
        _rig.Dispose();
    }

    [Fact]
    public void N026_An_abort_of_a_queued_command_is_answered_and_the_command_completes_once()
    {
        Assert.True(_disk.Queue.TrySubmit(Read(), out ushort id));
        _disk.Queue.Ring();

        // The admin queue comes first: the command is not fetched yet.
        CheckAborted(id, _rig.Driver.Admin.Abort(1, id).Check("abort"));
    }

    [Fact]
    public void N026_An_abort_of_an_executing_command_is_answered_and_the_command_completes_once()
    {
        Assert.True(_disk.Queue.TrySubmit(Read(), out ushort id));
        _disk.Queue.Ring();
        _rig.Poll();
        Assert.Single(_store.Waiting);
        CheckAborted(id, _rig.Driver.Admin.Abort(1, id).Check("abort"));
    }

    [Theory]
    [InlineData(1, 5)] // done
    [InlineData(1, 60_000)]
    [InlineData(7, 0)] // no such queue
    [InlineData(65535, 65535)]
    [InlineData(0, 31)]
    public void N026_An_abort_of_what_is_not_there_says_so(int queue, ushort commandId) =>
        Assert.Equal(1u, _rig.Driver.Admin.Abort(queue, commandId).Check("abort").Result & 1);

    [Fact]
    public void N081_An_entry_that_changes_after_it_was_taken_changes_nothing()
    {
        ulong innocent = _rig.Memory.Allocate(Length, Length);
        int at = _disk.Queue.Tail;
        Assert.True(_disk.Queue.TrySubmit(Read(), out ushort id));
        _disk.Queue.Ring();
        _rig.Poll();
        SubmissionEntry changed = Read() with { CommandId = 999, Prp1 = innocent, Dword12 = 65535, Opcode = 1 };
        MemoryMarshal.Write(_disk.Queue.Bytes(at), in changed);
        _store.Answer();
        _rig.Poll();
        _disk.Queue.Completions.Poll();
        Assert.True(_disk.Queue.TryTake(out CompletionEntry done));
        Assert.Equal(id, done.Check("read").CommandId);
        Assert.False(_disk.Data[..Length].ContainsAnyExcept((byte)0x42));
        Assert.False(_rig.Memory.Span(innocent, Length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void N081_An_entry_that_changes_all_the_time_is_one_of_its_values()
    {
        using var sleep = new SignalSleep();
        using var scheduler = new PollScheduler([sleep], new PollSettings(), TimeProvider.System);
        using ControllerRig rig = ControllerRig.Enabled(scheduler: scheduler);
        NamespaceClient disk = rig.AddDisk();
        ulong target = rig.Memory.Allocate(1 << 20, Length);
        byte[] data = new byte[Length];
        data.AsSpan().Fill(0x42);
        disk.Write(0, data).Check("write");
        SubmissionEntry good = NvmCommand.Read(disk.NamespaceId, 0, 8) with { Prp1 = target };
        for (int i = 0; i < 3000; i++)
        {
            Span<byte> entry = disk.Queue.Bytes(disk.Queue.Tail);
            Assert.True(disk.Queue.TrySubmit(good, out _));
            ref uint blocks = ref MemoryMarshal.AsRef<uint>(entry[48..]);
            disk.Queue.Ring();
            for (int flip = 0; !disk.Queue.Completions.HasNew; flip++)
                Volatile.Write(ref blocks, flip % 2 == 0 ? 65535 : good.Dword12);
            disk.Queue.Completions.Poll();
            Assert.True(disk.Queue.TryTake(out CompletionEntry done));
            Assert.True(done.Status.IsSuccess || done.Status.Is(0, 0x02), $"{done.Status}");
        }

        Assert.False(rig.Memory.Span(target + Length, (1 << 20) - Length).ContainsAnyExcept((byte)0));
        Assert.Equal(0, rig.Function.Counters.FatalErrors);
    }

    [Fact]
    public void N084_A_store_that_stalls_stalls_nothing_but_its_commands()
    {
        using var other = new ControllerRig(_store, vf: 0, subsystem: WithVf());
        other.Driver.Enable();
        for (int i = 0; i < 40; i++)
            Assert.True(_disk.Queue.TrySubmit(Read(), out _));
        _disk.Queue.Ring();
        for (int i = 0; i < 5; i++)
            _rig.Poll();
        Assert.False(_disk.Queue.Completions.HasNew);

        _rig.Driver.Admin.IdentifyController();
        _rig.Driver.Admin.GetLogPage(0x02, new byte[512]).Check("health log");
        _rig.Driver.Admin.Abort(1, 0).Check("abort");
        other.Driver.Admin.IdentifyController();
        SubmissionQueue queue = other.Driver.CreateQueuePair(1, 8);
        Assert.True(queue.TrySubmit(NvmCommand.Flush(uint.MaxValue), out _));
        queue.Ring();
        other.Poll();
        queue.Completions.Poll();
        Assert.True(queue.TryTake(out CompletionEntry flushed));
        flushed.Check("flush of no namespace");

        _store.Answer();
        for (int i = 0; i < 5; i++)
        {
            _rig.Poll();
            _disk.Queue.Completions.Poll();
        }

        int done = 0;
        for (; _disk.Queue.TryTake(out CompletionEntry entry); done++)
            Assert.True(entry.Status.IsSuccess || entry.Status.Is(0, 0x07), $"{entry.Status}");
        Assert.Equal(40, done);
    }

    [Fact]
    public void N084_A_reset_while_the_store_stalls_ends_with_its_answers_and_shows_nothing_of_them()
    {
        Assert.True(_disk.Queue.TrySubmit(Read(), out _));
        _disk.Queue.Ring();
        _rig.Poll();
        _disk.Data.Clear();
        _rig.Driver.Registers.Configuration = _rig.Driver.Registers.Configuration.WithEnable(false);
        for (int i = 0; i < 5; i++)
            _rig.Poll();
        _store.Answer();
        _rig.Driver.Disable();
        Assert.False(_disk.Data[..Length].ContainsAnyExcept((byte)0));
        Assert.False(_disk.Queue.Completions.HasNew);
        _rig.Driver.Enable();
        _rig.Driver.RestoreQueuePairs();
        _store.IsAutomatic = true;
        byte[] read = new byte[Length];
        _disk.Read(0, read).Check("read");
        Assert.Equal(0x42, read[0]);
    }

    [Fact]
    public void N085_An_identifier_used_twice_has_two_completions_and_hurts_nothing()
    {
        byte[] entry = new byte[SubmissionEntry.Size];
        SubmissionEntry flush = NvmCommand.Flush(_disk.NamespaceId) with { CommandId = 0x1234 };
        MemoryMarshal.Write(entry, in flush);
        for (int i = 0; i < 3; i++)
            _disk.Queue.SubmitRaw(entry);
        _disk.Queue.Ring();
        _rig.Poll();
        _store.Answer();
        _rig.Poll();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_disk.Queue.Completions.TryTake(out CompletionEntry done));
            Assert.Equal(0x1234, done.CommandId);
            Assert.True(done.Status.IsSuccess || done.Status.Is(0, 0x03), $"{done.Status}");
        }

        Assert.False(_disk.Queue.Completions.HasNew);
        _disk.Queue.Completions.Release();
        _store.IsAutomatic = true;
        _disk.Flush().Check("flush");
    }

    private SubmissionEntry Read() => NvmCommand.Read(_disk.NamespaceId, 0, 8) with { Prp1 = _disk.DataAddress };

    private SoftIov.Devices.Nvme.NvmeSubsystem WithVf()
    {
        _rig.Subsystem.Secondaries.VfsEnabled(1);
        return _rig.Subsystem;
    }

    /// <summary>Aborted with its status, or not aborted and done: as the answer to the abort says, and once.</summary>
    private void CheckAborted(ushort commandId, CompletionEntry abort)
    {
        for (int i = 0; i < 3; i++)
        {
            _rig.Poll();
            _store.Answer();
        }

        _disk.Queue.Completions.Poll();
        Assert.True(_disk.Queue.TryTake(out CompletionEntry done));
        Assert.Equal(commandId, done.CommandId);
        Assert.Equal((abort.Result & 1) == 0 ? NvmeStatus.Of(0, 0x07) : default, done.Status);
        Assert.False(_disk.Queue.TryTake(out _));
        Assert.Equal(0, _disk.Queue.Completions.Strays);
    }
}
