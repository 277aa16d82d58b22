using System.Diagnostics;
using SoftIov.Datapath;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// A store that answers late, or never: what the host was told to be over is over, and a controller that is reset comes back.
/// </summary>
public sealed class LateAnswerTests : IDisposable
{
    private const int BlockBytes = 512;
    private const uint Lba = 5;

    private readonly ControlledStore _store = new(16 * ControllerRig.Mebi) { IsAutomatic = true };
    private readonly ControllerRig _rig;
    private readonly NamespaceClient _disk;

    public LateAnswerTests()
    {
        _rig = ControllerRig.Enabled(_store);
        _disk = _rig.AddDisk(queueSize: 8);
        _store.IsAutomatic = false;
    }

    private static byte[] Old => [.. Enumerable.Repeat((byte)0x0d, BlockBytes)];

    private static byte[] New => [.. Enumerable.Repeat((byte)0xee, BlockBytes)];

    private AdminClient Admin => _rig.Driver.Admin;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N025_A_queue_is_deleted_when_its_commands_are_over_and_not_before()
    {
        ushort write = Start(NvmCommand.Write(_disk.NamespaceId, Lba, 1), Old);
        ushort deletion = StartDeletion();
        Poll();
        Assert.False(_disk.Queue.TryTake(write, out _));
        Assert.False(TryTakeDeletion(deletion, out _));

        // Not twice, not recreated, and its completion queue not before it.
        Assert.Equal(NvmeStatus.Of(1, 0x01, doNotRetry: true), Admin.Execute(AdminCommand.DeleteSubmissionQueue(1)).Status);
        Assert.Equal(NvmeStatus.Of(1, 0x01, doNotRetry: true), Admin.Create(_disk.Queue).Status);
        Assert.Equal(NvmeStatus.Of(1, 0x0c, doNotRetry: true), Admin.Delete(_disk.Queue.Completions).Status);

        _store.Answer();
        Poll();
        Assert.True(_disk.Queue.TryTake(write, out CompletionEntry written));
        Assert.True(written.Status.Is(0, 0x08), written.Status.ToString());
        Assert.True(TryTakeDeletion(deletion, out CompletionEntry deleted));
        deleted.Check("delete");
    }

    [Fact]
    public void N025_What_was_written_after_a_deletion_stays()
    {
        Start(NvmCommand.Write(_disk.NamespaceId, Lba, 1), Old);
        ushort deletion = StartDeletion();
        Poll();
        _store.Answer();
        Poll();
        Assert.True(TryTakeDeletion(deletion, out _));
        _store.IsAutomatic = true;
        var again = new NamespaceClient(_rig.Driver, _rig.Driver.CreateQueuePair(2, 8), _disk.NamespaceId);
        again.Write(Lba, New).Check("write");
        _store.Answer();
        byte[] read = new byte[BlockBytes];
        again.Read(Lba, read).Check("read");
        Assert.Equal(New, read);
    }

    [Fact]
    public void N025_Commands_that_wait_for_room_are_never_asked_of_the_store()
    {
        _store.LaneCapacity = 1;
        int before = _store.Started.Length;
        ushort[] writes = [.. Enumerable.Range(0, 4).Select(i => Start(NvmCommand.Write(_disk.NamespaceId, (ulong)i, 1), Old))];
        ushort deletion = StartDeletion();
        Poll();
        Assert.All(writes[1..], write => Assert.True(_disk.Queue.TryTake(write, out CompletionEntry done) && done.Status.Is(0, 0x08)));
        Assert.False(TryTakeDeletion(deletion, out _));
        _store.Answer();
        Poll();
        Assert.True(TryTakeDeletion(deletion, out _));
        Assert.Equal(before + 1, _store.Started.Length);
    }

    [Fact]
    public void A_reset_waits_for_what_the_store_was_asked_and_asks_no_more()
    {
        _store.LaneCapacity = 1;
        int before = _store.Started.Length;
        for (int i = 0; i < 4; i++)
            Start(NvmCommand.Write(_disk.NamespaceId, (ulong)i, 1), Old);
        ClearEnable();
        Poll();
        Assert.True(_rig.Driver.Registers.Status.IsReady);
        _store.Answer();
        Poll();
        Assert.False(_rig.Driver.Registers.Status.IsReady);
        Assert.Equal(before + 1, _store.Started.Length);
    }

    [Fact]
    public void A_store_that_does_not_answer_holds_a_reset_up_for_five_seconds()
    {
        Start(NvmCommand.Write(_disk.NamespaceId, Lba, 1), Old);
        ClearEnable();
        PollAtSeconds(1);
        PollAtSeconds(5.9);
        Assert.True(_rig.Driver.Registers.Status.IsReady);
        PollAtSeconds(6);
        Assert.False(_rig.Driver.Registers.Status.IsReady);
    }

    [Fact]
    public void After_such_a_reset_commands_are_refused_until_the_store_has_answered()
    {
        Start(NvmCommand.Write(_disk.NamespaceId, Lba, 1), Old);
        ClearEnable();
        PollAtSeconds(1);
        PollAtSeconds(6);
        EnableLate();

        var again = new NamespaceClient(_rig.Driver, _rig.Driver.CreateQueuePair(1, 8), _disk.NamespaceId);
        NvmeStatus refused = again.Write(Lba, New).Status;
        Assert.True(refused.Is(0, 0x82) && !refused.DoNotRetry, refused.ToString());

        _store.IsAutomatic = true;
        _store.Answer();
        Poll();
        again.Write(Lba, New).Check("write");
        byte[] read = new byte[BlockBytes];
        again.Read(Lba, read).Check("read");
        Assert.Equal(New, read);
    }

    [Fact]
    public void Commands_are_refused_even_when_late_ones_hold_all_room()
    {
        NamespaceClient deep = new(_rig.Driver, _rig.Driver.CreateQueuePair(2, 200), _disk.NamespaceId);
        for (int i = 0; i < 150; i++)
            Assert.True(deep.Queue.TrySubmit(NvmCommand.Flush(_disk.NamespaceId), out _));
        deep.Queue.Ring();
        Poll();
        ClearEnable();
        PollAtSeconds(1);
        PollAtSeconds(6);
        EnableLate();
        var again = new NamespaceClient(_rig.Driver, _rig.Driver.CreateQueuePair(1, 8), _disk.NamespaceId);
        Assert.True(again.Flush().Status.Is(0, 0x82));
    }

    [Fact]
    public void N083_An_answer_after_a_function_level_reset_moves_no_data_and_completes_nothing()
    {
        _store.Fill(0, new byte[4096]);
        ushort read = Start(NvmCommand.Read(_disk.NamespaceId, Lba, 1), Old);
        _rig.Driver.ResetFunction();
        _store.Answer();
        EnableLate();
        Poll();
        Assert.False(_disk.Queue.TryTake(read, out _));
        Assert.False(_disk.Queue.Completions.HasNew);
        Assert.Equal(Old, _disk.Data[..BlockBytes].ToArray());
    }

    [Fact]
    public void A_read_whose_buffer_was_unmapped_meanwhile_is_a_data_transfer_error()
    {
        using var buffer = DriverMemory.CreateShared("nvme-late", ControllerRig.Mebi, iova: 1UL << 40);
        _rig.Device.MapMemory(buffer);
        ushort read = Start(NvmCommand.Read(_disk.NamespaceId, Lba, 1) with { Prp1 = buffer.Iova }, null);
        _rig.Device.UnmapMemory(buffer);
        _store.Answer();
        Poll();
        Assert.True(_disk.Queue.TryTake(read, out CompletionEntry done));
        Assert.True(done.Status.Is(0, 0x04), done.Status.ToString());
    }

    [Fact]
    public void A_store_that_never_answers_holds_a_removal_up_for_five_seconds_and_keeps_what_it_was_asked_with()
    {
        _rig.Subsystem.Secondaries.VfsEnabled(2);
        ControllerRig[] vfs = [.. Enumerable.Range(0, 2).Select(vf => new ControllerRig(_store, vf: vf, subsystem: _rig.Subsystem))];
        Start(NvmCommand.Write(_disk.NamespaceId, Lba, 1), New);
        foreach (ControllerRig vf in vfs)
        {
            vf.Driver.Enable();
            NamespaceClient disk = vf.AddDisk(queueSize: 8, mebibytes: 1);
            Assert.True(disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _));
            disk.Queue.Ring();
            vf.Poll();
        }

        _store.IsStuck = true;
        long before = Stopwatch.GetTimestamp();
        _rig.Remove();
        Assert.True(Stopwatch.GetElapsedTime(before).TotalSeconds > 4.9, "it waited");
        foreach (ControllerRig vf in vfs)
            vf.Remove();

        // The others did not wait again, and nothing was freed: the store has all buffers, and the namespaces their commands.
        Assert.Equal(3, _store.OpenLanes);
        Assert.Equal(3, _store.Waiting.Length);
        Assert.Equal(1, _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight);

        _store.Answer(request => request.Operation == BlockOperation.Write);
        Assert.True(SpinWait.SpinUntil(() => _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight == 0, TimeSpan.FromMinutes(5)));
        Assert.Equal(2, _store.OpenLanes);
        _store.Answer();
        Assert.True(SpinWait.SpinUntil(() => _store.OpenLanes == 0, TimeSpan.FromMinutes(5)));
        foreach (ControllerRig vf in vfs)
            vf.Dispose();
    }

    [Fact]
    public void A_lane_that_the_host_refuses_is_a_fatal_status()
    {
        var store = new ControlledStore(16 * ControllerRig.Mebi) { RefusesLanes = true };
        using var rig = new ControllerRig(store);
        string said = "";
        rig.Function.Controller.Failed += reason => said = reason;
        Assert.Throws<InvalidOperationException>(rig.Driver.Enable);
        Assert.True(rig.Driver.Registers.Status.IsFatal);
        Assert.Contains("no room", said, StringComparison.Ordinal);

        store.RefusesLanes = false;
        rig.Driver.Registers.Configuration = rig.Driver.Registers.Configuration.WithEnable(false);
        rig.Driver.Enable();
        Assert.False(rig.Driver.Registers.Status.IsFatal);
    }

    private ushort Start(SubmissionEntry entry, byte[]? data)
    {
        if (data is not null)
        {
            data.CopyTo(_disk.Data);
            entry.Prp1 = _disk.DataAddress;
        }

        Assert.True(_disk.Queue.TrySubmit(entry, out ushort id, isHeld: true));
        _disk.Queue.Ring();
        _rig.Poll();
        return id;
    }

    private ushort StartDeletion()
    {
        Assert.True(Admin.Queue.TrySubmit(AdminCommand.DeleteSubmissionQueue(1), out ushort id, isHeld: true));
        Admin.Queue.Ring();
        return id;
    }

    private bool TryTakeDeletion(ushort id, out CompletionEntry done)
    {
        Admin.Queue.Completions.Poll();
        return Admin.Queue.TryTake(id, out done);
    }

    private void ClearEnable() => _rig.Driver.Registers.Configuration = _rig.Driver.Registers.Configuration.WithEnable(false);

    /// <summary>Enables while the store still owes answers: time passes meanwhile.</summary>
    private void EnableLate()
    {
        double seconds = 10;
        _rig.WhileWaiting = () => PollAtSeconds(seconds += 1);
        _rig.Driver.Enable();
        _rig.WhileWaiting = null;
    }

    private void Poll()
    {
        for (int i = 0; i < 4; i++)
            _rig.Poll();
        _disk.Queue.Completions.Poll();
    }

    private void PollAtSeconds(double seconds) => _rig.PollAt((long)(seconds * System.Diagnostics.Stopwatch.Frequency));
}
