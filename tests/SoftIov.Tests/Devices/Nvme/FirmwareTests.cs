using SoftIov.Devices.Nvme;
using SoftIov.Fuzz.Nvme;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>How firmware and other operating systems drive: tiny queues, phases polled, registers in odd orders, one after another.</summary>
public sealed class FirmwareTests : IDisposable
{
    private const int Page = 4096;

    private readonly ControllerRig _rig = new();
    private readonly BareController _controller;

    public FirmwareTests()
    {
        _controller = new BareController(_rig.Endpoint, _rig.Memory) { Advance = () => _rig.Poll() };
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N020_UEFI_drives_by_queues_of_one_command_and_one_queue_for_later()
    {
        uint id = _rig.AddNamespace();
        Assert.True(_controller.Disable());
        BarePair admin = Pair(0, 2, 2);
        Assert.True(_controller.Enable(admin));
        ulong data = _rig.Memory.Allocate(4 * Page, Page);
        Check(admin, AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = data });
        Check(admin, AdminCommand.Identify(IdentifyCns.Namespace, id) with { Prp1 = data });
        BarePair now = Pair(1, 2, 2);
        BarePair later = Pair(2, 64, 256);
        Assert.True(_controller.Create(admin, now));
        Assert.True(_controller.Create(admin, later));
        for (int i = 0; i < 300; i++)
        {
            BarePair pair = i % 3 == 0 ? later : now;
            _rig.Memory.Span(data, Page).Fill((byte)i);
            Check(pair, NvmCommand.Write(id, (ulong)i, 8) with { Prp1 = data });
            _rig.Memory.Span(data, Page).Clear();
            Check(pair, NvmCommand.Read(id, (ulong)i, 8) with { Prp1 = data });
            Assert.False(_rig.Memory.Span(data, Page).ContainsAnyExcept((byte)i));
        }

        Check(now, NvmCommand.Flush(id));
    }

    [Fact]
    public void N005_A_system_takes_over_from_firmware_with_larger_queues_and_gives_smaller_ones_back()
    {
        uint id = _rig.AddNamespace();
        foreach (int size in (int[])[2, 1024, 2, 64, 3])
        {
            Assert.True(_controller.Disable());
            BarePair admin = Pair(0, size, size);
            Assert.True(_controller.Enable(admin));
            BarePair pair = Pair(1, size, size);
            Assert.True(_controller.Create(admin, pair));
            for (int i = 0; i < (2 * size) + 3; i++)
            {
                Check(admin, AdminCommand.GetFeatures(7));
                Check(pair, NvmCommand.Verify(id, 0, 1));
            }
        }

        Assert.Equal(0, _rig.Function.Counters.InvalidDoorbells);
        Assert.Equal(0, _rig.Function.Counters.FatalErrors);
    }

    [Fact]
    public void N005_The_memory_of_the_admin_queue_is_used_again_and_again()
    {
        BarePair admin = Pair(0, 4, 4);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(_controller.Enable(admin));
            for (int command = 0; command <= i; command++)
                Check(admin, AdminCommand.KeepAlive());
            Assert.True(_controller.Disable());
        }
    }

    [Theory]
    [InlineData(2, 4096)]
    [InlineData(4096, 2)]
    [InlineData(4096, 4096)]
    public void N020_Admin_queues_have_sizes_of_their_own_up_to_4096(int submissions, int completions)
    {
        BarePair admin = Pair(0, submissions, completions);
        Assert.True(_controller.Enable(admin));
        for (int i = 0; i < 8300; i++)
            Check(admin, AdminCommand.KeepAlive());
    }

    [Fact]
    public void N004_The_order_of_registers_before_EN_does_not_matter()
    {
        BarePair admin = Pair(0, 8, 8);
        admin.Reset();
        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled & ~1u);
        _controller.Write32(NvmeRegister.AdminCompletionQueue + 4, (uint)(admin.Completions >> 32));
        _controller.Write32(NvmeRegister.AdminSubmissionQueue + 4, (uint)(admin.Submissions >> 32));
        _controller.Write32(NvmeRegister.AdminCompletionQueue, (uint)admin.Completions);
        _controller.Write32(NvmeRegister.AdminSubmissionQueue, (uint)admin.Submissions);
        _controller.Write32(NvmeRegister.AdminQueueAttributes, 0x0007_0007);
        Assert.False(_controller.IsReady);
        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled);
        Assert.True(_controller.WaitFor(() => _controller.IsReady));
        Check(admin, AdminCommand.KeepAlive());
    }

    [Fact]
    public void N004_Entry_sizes_may_come_after_EN_and_before_the_first_queue()
    {
        BarePair admin = Pair(0, 8, 8);
        Assert.True(_controller.Enable(admin, configuration: 1));
        BarePair pair = Pair(1, 8, 8);
        Assert.False(_controller.Create(admin, pair));
        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled);
        Assert.True(_controller.IsReady);
        Assert.True(_controller.Create(admin, pair));

        // Once more the same value resets nothing.
        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled);
        uint id = _rig.AddNamespace();
        Check(pair, NvmCommand.Verify(id, 0, 1));
    }

    [Fact]
    public void N006_A_shutdown_may_come_with_the_end_of_EN_before_it_or_when_it_is_off()
    {
        BarePair admin = Pair(0, 8, 8);
        Assert.True(_controller.Enable(admin));
        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled & ~1u | 1 << 14);
        Assert.True(_controller.WaitFor(() => !_controller.IsReady && (_controller.Status >> 2 & 3) == 2));
        Assert.True(_controller.Disable());
        Assert.True(_controller.Enable(admin));
        Assert.Equal(0u, _controller.Status >> 2 & 3);

        _controller.Write32(NvmeRegister.Configuration, BareController.Enabled | 2 << 14);
        Assert.True(_controller.WaitFor(() => (_controller.Status >> 2 & 3) == 2));
        Assert.True(_controller.Disable());
        _controller.Write32(NvmeRegister.Configuration, 1 << 14);
        Assert.True(_controller.WaitFor(() => (_controller.Status >> 2 & 3) == 2));
        _controller.Write32(NvmeRegister.Configuration, 0);
        Assert.True(_controller.Enable(admin));
        Check(admin, AdminCommand.KeepAlive());
    }

    [Fact]
    public void N009_A_system_that_masks_interrupts_and_polls_is_served()
    {
        using var rig = new ControllerRig(function: new NvmeFunctionSettings { Name = "disk0/pf", Interrupts = NvmeInterrupts.Intx });
        var controller = new BareController(rig.Endpoint, rig.Memory) { Advance = () => rig.Poll() };
        ulong memory = rig.Memory.Allocate(4 * Page, Page);
        var admin = new BarePair(controller, 0, memory, 8, memory + Page, 8);
        controller.Write32(NvmeRegister.InterruptMaskSet, uint.MaxValue);
        Assert.True(controller.Enable(admin));
        for (int i = 0; i < 20; i++)
        {
            Assert.True(admin.Execute(AdminCommand.KeepAlive())?.Status.IsSuccess);
            Assert.False(rig.Function.IntxAsserted);
        }

        controller.Write32(NvmeRegister.InterruptMaskClear, uint.MaxValue);
        admin.Put(AdminCommand.KeepAlive());
        admin.Ring();
        rig.Poll();
        Assert.True(rig.Function.IntxAsserted);
        Assert.True(admin.TryTake(out _));
        admin.Release();
        rig.Poll();
        Assert.False(rig.Function.IntxAsserted);
    }

    [Fact]
    public void N009_A_controller_reset_lowers_the_pin_although_nothing_was_read()
    {
        using var rig = new ControllerRig(function: new NvmeFunctionSettings { Name = "disk0/pf", Interrupts = NvmeInterrupts.Intx });
        var controller = new BareController(rig.Endpoint, rig.Memory) { Advance = () => rig.Poll() };
        ulong memory = rig.Memory.Allocate(4 * Page, Page);
        var admin = new BarePair(controller, 0, memory, 8, memory + Page, 8);
        Assert.True(controller.Enable(admin));
        admin.Put(AdminCommand.KeepAlive());
        admin.Ring();
        rig.Poll();
        Assert.True(rig.Function.IntxAsserted);
        Assert.True(controller.Disable());
        Assert.False(rig.Function.IntxAsserted);
    }

    [Fact]
    public void N026_An_event_request_whose_abort_finds_no_room_stays_parked()
    {
        BarePair admin = Pair(0, 8, 2);
        Assert.True(_controller.Enable(admin));
        admin.Put(AdminCommand.AsyncEventRequest() with { CommandId = 0x77 });
        CompletionEntry? abort = admin.Execute(AdminCommand.Abort(0, 0x77));
        Assert.Equal(1u, abort?.Result);

        // A doorbell of no queue is an event.
        _controller.Write32(NvmeRegister.Doorbells + (8 * 5), 1);
        _rig.Poll();
        Assert.True(admin.TryTake(out CompletionEntry told));
        Assert.Equal(0x77, told.CommandId);
        Assert.Equal(0x0001_0000u, told.Result);
    }

    private static void Check(BarePair pair, SubmissionEntry entry)
    {
        CompletionEntry? done = pair.Execute(entry);
        Assert.True(done is { Status.IsSuccess: true }, $"{entry.Opcode:x} on queue {pair.Id}: {done?.Status.ToString() ?? "no answer"}");
    }

    private BarePair Pair(int id, int submissions, int completions) => new(
        _controller, id, _rig.Memory.Allocate(submissions * 64, Page), submissions, _rig.Memory.Allocate(completions * 16, Page), completions);
}
