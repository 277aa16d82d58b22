using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Queues: sizes, phases, doorbells, creation and deletion (NVMe 1.4, 4.1 and 5.3 to 5.6).</summary>
public sealed class QueueTests : IDisposable
{
    private readonly ControllerRig _rig = ControllerRig.Enabled();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(2, 20_000)]
    [InlineData(3, 20_000)]
    [InlineData(1024, 200_000)]
    public void N020_Queues_of_every_size_carry_commands(int size, int commands)
    {
        NamespaceClient disk = _rig.AddDisk(size);
        SubmissionEntry flush = NvmCommand.Flush(disk.NamespaceId);
        for (int done = 0; done < commands;)
        {
            while (disk.Queue.TrySubmit(flush, out _))
            {
            }

            disk.Queue.Ring();
            _rig.Poll();
            disk.Queue.Completions.Poll();
            while (disk.Queue.TryTake(out CompletionEntry entry))
            {
                entry.Check("flush");
                done++;
            }
        }

        Assert.Equal(0, disk.Queue.Completions.Strays);
    }

    [Fact]
    public void N021_A_full_completion_queue_stops_the_controller_and_loses_nothing()
    {
        const int Small = 4;
        uint id = _rig.AddNamespace();
        CompletionQueue completions = _rig.Driver.MakeCompletions(1, Small);
        SubmissionQueue queue = _rig.Driver.MakeQueue(completions, 1, 64);
        _rig.Driver.Admin.Create(completions).Check("create");
        _rig.Driver.Admin.Create(queue).Check("create");
        for (int i = 0; i < 40; i++)
            Assert.True(queue.TrySubmit(NvmCommand.Flush(id), out _));
        queue.Ring();
        int taken = 0;
        for (int i = 0; i < 100 && taken < 40; i++)
        {
            while (_rig.Poll() > 0)
            {
            }

            int here = 0;
            while (completions.TryTake(out _))
                here++;
            Assert.InRange(here, 1, Small - 1);
            taken += here;
            completions.Release();
        }

        Assert.Equal(40, taken);
    }

    [Fact]
    public void N022_Many_submission_queues_share_a_completion_queue_which_is_deleted_last()
    {
        uint id = _rig.AddNamespace();
        CompletionQueue completions = _rig.Driver.MakeCompletions(1, 64);
        _rig.Driver.Admin.Create(completions).Check("create");
        SubmissionQueue[] queues = [.. Enumerable.Range(1, 4).Select(n => _rig.Driver.MakeQueue(completions, n, 8))];
        foreach (SubmissionQueue queue in queues)
        {
            _rig.Driver.Admin.Create(queue).Check("create");
            Assert.True(queue.Execute(NvmCommand.Flush(id), TimeSpan.FromSeconds(30)).Status.IsSuccess);
        }

        foreach (SubmissionQueue queue in queues)
        {
            Assert.Equal(NvmeStatus.Of(1, 0x0c, doNotRetry: true), _rig.Driver.Admin.Delete(completions).Status);
            _rig.Driver.Admin.Delete(queue).Check("delete");
        }

        _rig.Driver.Admin.Delete(completions).Check("delete");
    }

    [Fact]
    public void N023_A_doorbell_value_that_is_none_raises_an_event_and_hurts_nothing()
    {
        NamespaceClient disk = _rig.AddDisk(8);
        ushort request = _rig.Driver.Admin.RequestEvent();
        disk.Queue.Ring(8);
        _rig.Poll();
        Assert.True(TryTakeEvent(request, out CompletionEntry told));
        Assert.Equal(0x00010100u, told.Result);
        Assert.Equal(1, _rig.Function.Counters.InvalidDoorbells);
        disk.Flush().Check("flush");
    }

    [Fact]
    public void N023_A_doorbell_of_no_queue_raises_an_event()
    {
        ushort request = _rig.Driver.Admin.RequestEvent();
        _rig.Driver.Registers.Write32(NvmeRegister.Doorbells + (2 * 5 * 4), 1);
        _rig.Poll();
        Assert.True(TryTakeEvent(request, out CompletionEntry told));
        Assert.Equal(0x00010000u, told.Result);
    }

    [Fact]
    public void N024_A_completion_head_beyond_what_was_posted_is_no_value()
    {
        NamespaceClient disk = _rig.AddDisk(8);
        ushort request = _rig.Driver.Admin.RequestEvent();
        _rig.Driver.Registers.Write32(NvmeRegister.Doorbells + (3 * 4), 5);
        _rig.Poll();
        Assert.True(TryTakeEvent(request, out CompletionEntry told));
        Assert.Equal(0x00010100u, told.Result);
        disk.Flush().Check("flush");
    }

    [Fact]
    public void N027_Vectors_fire_and_wait_while_bus_mastering_is_off()
    {
        NamespaceClient disk = _rig.AddDisk();
        Assert.True(disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _));
        PciCommand.SetBusMaster(_rig.Driver.Device, false);
        disk.Queue.Ring();
        Assert.Equal(0, _rig.Poll());
        Assert.False(disk.Queue.Completions.HasNew);
        PciCommand.Enable(_rig.Driver.Device);
        _rig.Poll();
        Assert.True(disk.Queue.Completions.HasNew);
        Assert.True(disk.Queue.Completions.Interrupt!.Wait(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(0, 8, 1, 0x01)] // queue 0
    [InlineData(9, 8, 1, 0x01)] // beyond what there is
    [InlineData(1, 1, 1, 0x02)] // one entry
    [InlineData(1, 1025, 1, 0x02)] // more than MQES
    [InlineData(1, 8, 9, 0x08)] // no such vector
    public void N028_Create_completion_queue_refuses(int id, int size, int vector, byte code)
    {
        SubmissionEntry command = AdminCommand.CreateCompletionQueue(id, size, _rig.Memory.Allocate(16 * 2048, 4096), vector, true);
        Assert.Equal(NvmeStatus.Of(1, code, doNotRetry: true), _rig.Driver.Admin.Execute(command).Status);
    }

    [Fact]
    public void N028_Create_refuses_what_is_not_contiguous_or_not_a_page()
    {
        ulong page = _rig.Memory.Allocate(4096, 4096);
        SubmissionEntry command = AdminCommand.CreateCompletionQueue(1, 8, page, 0, true);
        Assert.True(_rig.Driver.Admin.Execute(command with { Dword11 = command.Dword11 & ~1u }).Status.Is(0, 0x02));
        Assert.True(_rig.Driver.Admin.Execute(command with { Prp1 = page + 64 }).Status.Is(0, 0x13));
        _rig.Driver.Admin.Execute(command).Check("create");
        Assert.True(_rig.Driver.Admin.Execute(command).Status.Is(1, 0x01));
    }

    [Theory]
    [InlineData(1, 8, 0, 0x01)] // completion queue 0
    [InlineData(1, 8, 9, 0x01)] // beyond what there is
    [InlineData(1, 8, 2, 0x00)] // not created
    [InlineData(0, 8, 1, 0x01)]
    [InlineData(9, 8, 1, 0x01)]
    [InlineData(1, 1, 1, 0x02)]
    [InlineData(1, 1025, 1, 0x02)]
    public void N028_Create_submission_queue_refuses(int id, int size, int completions, byte code)
    {
        CompletionQueue queue = _rig.Driver.MakeCompletions(1, 8);
        _rig.Driver.Admin.Create(queue).Check("create");
        SubmissionEntry command = AdminCommand.CreateSubmissionQueue(id, size, _rig.Memory.Allocate(64 * 2048, 4096), completions);
        Assert.Equal(NvmeStatus.Of(1, code, doNotRetry: true), _rig.Driver.Admin.Execute(command).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(65535)]
    public void N028_Delete_refuses_queues_that_are_none(int id)
    {
        NvmeStatus expected = NvmeStatus.Of(1, 0x01, doNotRetry: true);
        Assert.Equal(expected, _rig.Driver.Admin.Execute(AdminCommand.DeleteSubmissionQueue(id)).Status);
        Assert.Equal(expected, _rig.Driver.Admin.Execute(AdminCommand.DeleteCompletionQueue(id)).Status);
    }

    [Fact]
    public void N029_Completions_say_how_far_the_queue_was_read()
    {
        NamespaceClient disk = _rig.AddDisk(4);
        for (int i = 1; i < 20; i++)
            Assert.Equal(i % 4, disk.Flush().SubmissionHead);
    }

    [Fact]
    public void N030_Shadow_doorbells_carry_commands_and_end_with_a_reset()
    {
        _rig.Driver.UseShadowDoorbells().Check("shadow doorbells");
        NamespaceClient disk = _rig.AddDisk();
        for (int i = 0; i < 1000; i++)
            disk.Flush().Check("flush");
        _rig.Driver.Disable();
        Assert.False(_rig.Function.Status.UsesShadowDoorbells);
    }

    [Fact]
    public void N030_Shadow_doorbells_are_offered_where_the_registers_are_not_mapped()
    {
        const int DoorbellBuffers = 1 << 8;
        Assert.Equal(DoorbellBuffers, _rig.Driver.Admin.IdentifyController().OptionalAdminCommands & DoorbellBuffers);
        using var page = new NativeHostMemory(4096);
        _rig.Driver.Disable();
        _rig.Function.SharedMemoryChanged(page);
        _rig.Driver.Enable();
        Assert.Equal(0, _rig.Driver.Admin.IdentifyController().OptionalAdminCommands & DoorbellBuffers);
        Assert.True(_rig.Driver.Admin.Execute(AdminCommand.DoorbellBufferConfig(0x1000, 0x2000)).Status.Is(0, 0x01));
        _rig.Function.SharedMemoryChanged(null);
    }

    [Theory]
    [InlineData(0ul, 0x1000ul)]
    [InlineData(0x1000ul, 0ul)]
    [InlineData(0x1800ul, 0x2000ul)]
    public void N030_Shadow_doorbells_lie_in_pages(ulong shadows, ulong events) =>
        Assert.True(_rig.Driver.Admin.Execute(AdminCommand.DoorbellBufferConfig(shadows, events)).Status.Is(0, 0x02));

    [Fact]
    public void A_queue_whose_memory_goes_away_for_good_is_fatal()
    {
        NamespaceClient disk = _rig.AddDisk();
        Assert.Equal(DmaMapStatus.Ok, _rig.Dma.Unmap(_rig.Memory.Iova, (ulong)_rig.Memory.Length, out _));
        disk.Queue.Ring(1);
        _rig.PollAt(1);
        Assert.False(_rig.Driver.Registers.Status.IsFatal);
        _rig.PollAt(1 + System.Diagnostics.Stopwatch.Frequency);
        Assert.True(_rig.Driver.Registers.Status.IsFatal);
        Assert.Equal(1, _rig.Function.Counters.FatalErrors);
        _rig.Driver.Device.MapMemory(_rig.Memory);
    }

    private bool TryTakeEvent(ushort request, out CompletionEntry told)
    {
        _rig.Poll();
        _rig.Driver.Admin.Queue.Completions.Poll();
        return _rig.Driver.Admin.TryTakeEvent(request, out told);
    }
}
