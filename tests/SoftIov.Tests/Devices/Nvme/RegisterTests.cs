using SoftIov.Lab.Nvme;
using SoftIov.Tests.Devices.Nvme.Subsystem;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>The registers of a controller: enable, reset, shutdown (NVMe 1.4, 3.1 and 7.6).</summary>
public sealed class RegisterTests : IDisposable
{
    private const uint Enable = 1;
    private const uint EntrySizes = 6 << 16 | 4 << 20;

    private readonly ControllerRig _rig = new();

    private ControllerRegisters Registers => _rig.Driver.Registers;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N001_Capabilities_and_version_are_legal()
    {
        ControllerCapabilities capabilities = Registers.Capabilities;
        Assert.InRange(capabilities.LargestQueue, 2, 65536);
        Assert.True(capabilities.RequiresContiguousQueues);
        Assert.InRange(capabilities.Timeout.TotalSeconds, 1, 127);
        Assert.Equal(4, capabilities.DoorbellStride);
        Assert.Equal(1, capabilities.CommandSets & 1);
        Assert.Equal(4096, capabilities.SmallestPage);
        Assert.Equal(4096, capabilities.LargestPage);
        Assert.Equal(0x00010400u, Registers.Version);
    }

    [Fact]
    public void N002_Admin_queue_registers_read_back_while_enabled()
    {
        _rig.Driver.Enable();
        Assert.Equal(0x001f001fu, Registers.Read32(NvmeRegister.AdminQueueAttributes));
        Assert.Equal(_rig.Driver.Admin.Queue.Address, Registers.Read64(NvmeRegister.AdminSubmissionQueue));
        Assert.Equal(_rig.Driver.Admin.Queue.Completions.Address, Registers.Read64(NvmeRegister.AdminCompletionQueue));
        Registers.Write64(NvmeRegister.AdminSubmissionQueue, 0x123456789000);
        Assert.Equal(0x123456789000u, Registers.Read64(NvmeRegister.AdminSubmissionQueue));
    }

    [Fact]
    public void N003_Wide_registers_are_written_in_halves_of_either_order_or_whole()
    {
        const ulong Address = 0xabcd_1234_5678_9000;
        Registers.Write32(NvmeRegister.AdminSubmissionQueue, unchecked((uint)Address));
        Registers.Write32(NvmeRegister.AdminSubmissionQueue + 4, (uint)(Address >> 32));
        Assert.Equal(Address, Registers.Read64(NvmeRegister.AdminSubmissionQueue));
        Registers.Write32(NvmeRegister.AdminCompletionQueue + 4, (uint)(Address >> 32));
        Registers.Write32(NvmeRegister.AdminCompletionQueue, unchecked((uint)Address));
        Assert.Equal(Address, Registers.Read64(NvmeRegister.AdminCompletionQueue));
        Registers.Write64(NvmeRegister.AdminCompletionQueue, ~Address);
        Assert.Equal(~Address, Registers.Read64(NvmeRegister.AdminCompletionQueue));
    }

    [Theory]
    [InlineData(1u << 7, 0x001f001fu, 0x1000ul, 0x2000ul)] // a page size that is not offered
    [InlineData(6u << 4, 0x001f001fu, 0x1000ul, 0x2000ul)] // command sets
    [InlineData(1u << 11, 0x001f001fu, 0x1000ul, 0x2000ul)] // arbitration
    [InlineData(0u, 0x001f0000u, 0x1000ul, 0x2000ul)] // one entry
    [InlineData(0u, 0x0000001fu, 0x1000ul, 0x2000ul)]
    [InlineData(0u, 0x001f001fu, 0x1008ul, 0x2000ul)] // inside a page
    [InlineData(0u, 0x001f001fu, 0x1000ul, 0x2800ul)]
    public void N004_What_cannot_be_enabled_is_fatal(uint configuration, uint attributes, ulong submissions, ulong completions)
    {
        Registers.Write32(NvmeRegister.AdminQueueAttributes, attributes);
        Registers.Write64(NvmeRegister.AdminSubmissionQueue, submissions);
        Registers.Write64(NvmeRegister.AdminCompletionQueue, completions);
        Registers.Write32(NvmeRegister.Configuration, configuration | EntrySizes | Enable);
        _rig.Poll();
        Assert.True(Registers.Status.IsFatal);
        Assert.False(Registers.Status.IsReady);
        Assert.Equal(1, _rig.Function.Counters.FatalErrors);
        _rig.Driver.Disable();
        Assert.False(Registers.Status.IsFatal);
        _rig.Driver.Enable();
    }

    [Fact]
    public void N005_A_controller_reset_deletes_io_queues_and_keeps_the_admin_registers()
    {
        _rig.Driver.Enable();
        _rig.Driver.CreateQueuePair(1, 8);
        _rig.Driver.Admin.SetFeature(0x01, 3).Check("arbitration");
        uint attributes = Registers.Read32(NvmeRegister.AdminQueueAttributes);
        _rig.Driver.Disable();
        Assert.False(Registers.Status.IsReady);
        Assert.Equal(attributes, Registers.Read32(NvmeRegister.AdminQueueAttributes));
        Assert.Equal(_rig.Driver.Admin.Queue.Address, Registers.Read64(NvmeRegister.AdminSubmissionQueue));
        _rig.Driver.Enable();
        Assert.Equal(7u, _rig.Driver.Admin.GetFeature(0x01).Check("arbitration").Result);
        _rig.Driver.CreateQueuePair(1, 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void N006_Shutdown_completes_and_an_enable_starts_anew(int kind)
    {
        _rig.Driver.Enable();
        _rig.Driver.Shutdown(kind);
        Assert.Equal(2, Registers.Status.Shutdown);
        _rig.Driver.Disable();
        Assert.Equal(0, Registers.Status.Shutdown);
        _rig.Driver.Enable();
        _rig.Driver.Admin.IdentifyController();
    }

    [Fact]
    public void N007_Only_the_magic_number_resets_the_subsystem_and_a_note_of_it_stays()
    {
        _rig.Driver.Enable();
        Registers.Write32(NvmeRegister.SubsystemReset, 0x4e564d64);
        Assert.True(Registers.Status.IsReady);
        Assert.False(Registers.Status.WasSubsystemReset);
        _rig.Driver.ResetSubsystem();
        Assert.True(SpinWait.SpinUntil(() => Registers.Status.WasSubsystemReset, TimeSpan.FromSeconds(30)));
        Assert.False(Registers.Status.IsReady);
        Assert.Equal(0u, Registers.Configuration.Value);
        Registers.Write32(NvmeRegister.Status, ControllerStatus.SubsystemResetOccurred);
        Assert.False(Registers.Status.WasSubsystemReset);
    }

    [Fact]
    public void N008_Doorbells_read_zero_and_misaligned_writes_are_ignored()
    {
        _rig.Driver.Enable();
        _rig.Driver.Admin.IdentifyController();
        Assert.Equal(0u, Registers.Read32(NvmeRegister.Doorbells));
        long rung = _rig.Function.Counters.Doorbells;
        _rig.Driver.Device.WriteBar(0, NvmeRegister.Doorbells + 2, [1, 0, 0, 0]);
        _rig.Driver.Device.WriteBar(0, NvmeRegister.Doorbells, [1]);
        Assert.Equal(rung, _rig.Function.Counters.Doorbells);
        Assert.Equal(0, _rig.Function.Counters.InvalidDoorbells);
    }

    [Fact]
    public void N009_Interrupt_masks_are_set_and_cleared()
    {
        Registers.Write32(NvmeRegister.InterruptMaskSet, 5);
        Assert.Equal(5u, Registers.Read32(NvmeRegister.InterruptMaskSet));
        Registers.Write32(NvmeRegister.InterruptMaskClear, 4);
        Assert.Equal(1u, Registers.Read32(NvmeRegister.InterruptMaskClear));
    }

    [Fact]
    public void N010_A_function_level_reset_leaves_nothing()
    {
        _rig.Driver.Enable();
        NamespaceClient disk = _rig.AddDisk();
        _rig.Driver.UseShadowDoorbells().Check("shadow doorbells");
        _rig.Driver.Device.Reset();
        Assert.Equal(0u, Registers.Read32(NvmeRegister.AdminQueueAttributes));
        Assert.Equal(0u, Registers.Read64(NvmeRegister.AdminSubmissionQueue));
        Assert.Equal(0u, Registers.Configuration.Value);
        Assert.False(Registers.Status.IsReady);
        Assert.False(_rig.Function.Status.UsesShadowDoorbells);
        disk.Queue.Ring();
        Assert.Equal(0, _rig.Poll());
        Assert.Equal(0, _rig.Function.Status.IoQueues);
        _rig.Driver.ResetFunction();
        _rig.Driver.Enable();
    }

    [Fact]
    public void N011_Holes_read_zero_and_take_no_writes()
    {
        for (int offset = 0x6c; offset < 0x1000; offset += 4)
        {
            Registers.Write32(offset, uint.MaxValue);
            Assert.Equal(0u, Registers.Read32(offset));
        }
    }

    [Fact]
    public void N012_There_is_no_memory_buffer_of_either_kind()
    {
        Assert.Equal(0u, Registers.Read32(NvmeRegister.MemoryBufferLocation));
        Assert.Equal(0u, Registers.Read32(NvmeRegister.MemoryBufferSize));
        Assert.Equal(0u, Registers.Read32(0xe00));
    }

    [Fact]
    public void N062_An_offline_controller_is_fatal_and_cannot_be_enabled()
    {
        using var rig = new ControllerRig(vf: 0, settings: SubsystemFixture.Default with { VfMode = SoftIov.Devices.Nvme.VfMode.Managed });
        Assert.True(rig.Driver.Registers.Status.IsFatal);
        rig.Driver.Registers.SetAdminQueues(rig.Driver.Admin.Queue);
        rig.Driver.Registers.Write32(NvmeRegister.Configuration, EntrySizes | Enable);
        rig.Driver.Admin.Queue.Ring(1);
        rig.Poll();
        Assert.False(rig.Driver.Registers.Status.IsReady);
        Assert.Equal(0, rig.Poll());
    }
}
