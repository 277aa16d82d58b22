using System.Diagnostics;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// Whoever formats, deletes, sanitizes or preempts waits for the commands in a namespace. A host that cannot or will not take its completions
/// must not keep them waiting.
/// </summary>
public sealed class AbandonedCommandTests : IDisposable
{
    private readonly ControlledStore _store = new(16 * ControllerRig.Mebi) { IsAutomatic = true };
    private readonly ControllerRig _rig;
    private readonly NamespaceClient _disk;

    public AbandonedCommandTests()
    {
        _rig = ControllerRig.Enabled(_store);
        _disk = _rig.AddDisk(queueSize: 8);
        _store.IsAutomatic = false;
    }

    private int InFlight => _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Without_bus_mastering_the_command_leaves_and_is_completed_later()
    {
        ushort write = StartWrite();
        PciCommand.SetBusMaster(_rig.Driver.Device, false);
        AnswerAndPoll();
        Assert.Equal(0, InFlight);
        Assert.False(_disk.Queue.Completions.HasNew);

        PciCommand.Enable(_rig.Driver.Device);
        _rig.Poll();
        _disk.Queue.Completions.Poll();
        Assert.True(_disk.Queue.TryTake(write, out CompletionEntry done));
        done.Check("write");
    }

    [Fact]
    public void What_waits_for_bus_mastering_is_forgotten_by_a_reset()
    {
        StartWrite();
        PciCommand.SetBusMaster(_rig.Driver.Device, false);
        AnswerAndPoll();
        PciCommand.Enable(_rig.Driver.Device);
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Assert.Equal(0, _rig.Function.Controller.Io.InFlight);
    }

    [Fact]
    public void After_a_function_level_reset_the_command_leaves_although_nobody_enables_again()
    {
        StartWrite();
        _rig.Driver.Device.Reset();
        AnswerAndPoll();
        Assert.Equal(0, InFlight);
    }

    [Fact]
    public void After_a_reset_that_waited_long_enough_the_command_still_leaves()
    {
        StartWrite();
        _rig.Driver.Registers.Configuration = _rig.Driver.Registers.Configuration.WithEnable(false);
        _rig.PollAt(Stopwatch.Frequency);
        _rig.PollAt(10 * Stopwatch.Frequency);
        Assert.False(_rig.Driver.Registers.Status.IsReady);
        Assert.Equal(1, InFlight);
        AnswerAndPoll();
        Assert.Equal(0, InFlight);
    }

    [Fact]
    public void When_queues_are_unmapped_the_command_leaves_and_so_it_does_once_that_is_fatal()
    {
        StartWrite();
        StartWrite();
        _rig.Device.UnmapMemory(_rig.Memory);
        Assert.True(_store.Answer(_ => true));
        _rig.PollAt(Stopwatch.Frequency);
        Assert.Equal(1, InFlight);

        _rig.PollAt(2 * Stopwatch.Frequency);
        Assert.True(_rig.Driver.Registers.Status.IsFatal);
        _store.Answer();
        _rig.PollAt(3 * Stopwatch.Frequency);
        Assert.Equal(0, InFlight);
    }

    private ushort StartWrite()
    {
        SubmissionEntry entry = NvmCommand.Write(_disk.NamespaceId, 0, 1) with { Prp1 = _disk.DataAddress };
        Assert.True(_disk.Queue.TrySubmit(entry, out ushort id, isHeld: true));
        _disk.Queue.Ring();
        _rig.Poll();
        return id;
    }

    private void AnswerAndPoll()
    {
        _store.Answer();
        for (int i = 0; i < 4; i++)
            _rig.Poll();
    }
}
