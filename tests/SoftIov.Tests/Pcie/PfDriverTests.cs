using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>The PF driver (decision D2): the register sequence of Linux, its waits, and what it does with devices that misbehave.</summary>
public class PfDriverTests
{
    private const ushort Running = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Enabling_and_disabling_follow_the_sequence_of_Linux()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        Assert.Equal((8, 1), (adapter.Driver.TotalVfs, adapter.Driver.LastVfBus));
        adapter.Access.Writes.Clear();
        List<PfDriverStep> steps = [];
        await adapter.Driver.EnableAsync(5, new Steps(steps), default).WaitAsync(Patience);
        Assert.Equal(
            [(SriovOffsets.NumVfs, 5u), (SriovOffsets.Control, Running | SriovControlBits.AriCapableHierarchy)], adapter.SriovWrites());
        Assert.Equal([PfDriverStep.SetNumVfs, PfDriverStep.Enable, PfDriverStep.ReadVfs, PfDriverStep.Done], steps);
        Assert.Equal([PfDriver.EnableWait], adapter.Clock.Waits);
        Assert.Equal(5, adapter.Driver.NumVfs);
        Assert.NotNull(adapter.Device.Vf(0, 4));

        adapter.Access.Writes.Clear();
        adapter.Clock.Waits.Clear();
        await adapter.Driver.DisableAsync(null, default).WaitAsync(Patience);
        Assert.Equal([(SriovOffsets.Control, (uint)SriovControlBits.AriCapableHierarchy), (SriovOffsets.NumVfs, 0u)], adapter.SriovWrites());
        Assert.Equal([PfDriver.DisableWait], adapter.Clock.Waits);
        Assert.Equal(0, adapter.Driver.NumVfs);
        Assert.Null(adapter.Device.Vf(0, 0));
    }

    [Fact]
    public async Task Probe_sizes_vf_bars_sets_the_page_size_and_tries_every_NumVFs()
    {
        using DrivenAdapter adapter = new(300);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        List<(int Register, uint Value)> writes = adapter.SriovWrites();
        Assert.Equal((SriovOffsets.Control, (uint)SriovControlBits.AriCapableHierarchy), writes[0]);
        Assert.Equal((SriovOffsets.SystemPageSize, 1u), writes[1]);
        Assert.Equal((SriovOffsets.VfBars, uint.MaxValue), writes[2]);
        IEnumerable<uint> tried = writes.Where(write => write.Register == SriovOffsets.NumVfs).Select(write => write.Value);
        Assert.Equal(Enumerable.Range(0, 301).Reverse().Select(n => (uint)n), tried);
        Assert.Equal(0x0101 + 299 >> 8, adapter.Driver.LastVfBus);
        Assert.Empty(adapter.Clock.Waits);
        await adapter.Driver.EnableAsync(300, null, default).WaitAsync(Patience);

        // Every VF decodes where the driver put its BARs, none where another does.
        HashSet<ulong> bases = [];
        ConfigPort pf = new(adapter.Complex, new(0x0100));
        int sriov = pf.FindExtended(0x10);
        ulong bar0 = (pf.Read32(sriov + SriovOffsets.VfBars) & ~0xFul) | ((ulong)pf.Read32(sriov + SriovOffsets.VfBars + 4) << 32);
        for (int vf = 0; vf < 300; vf++)
        {
            ulong at = bar0 + (ulong)vf * RegisterPersonality.Bar0Size;
            Assert.True(bases.Add(at));
            Assert.True(adapter.Complex.WriteMemory(at, [(byte)vf]));
            byte[] seen = new byte[1];
            adapter.Device.Vf(0, vf)!.Endpoint.ReadBar(0, 0, seen);
            Assert.Equal((byte)vf, seen[0]);
        }
    }

    [Fact]
    public async Task Vfs_that_were_enabled_before_the_probe_go_first()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        await adapter.Driver.EnableAsync(3, null, default).WaitAsync(Patience);
        adapter.Clock.Waits.Clear();
        PfDriver second = new(adapter.Access, RootComplex.PortId(0), adapter.Clock);
        await second.ProbeAsync(default).WaitAsync(Patience);
        Assert.Equal([PfDriver.DisableWait], adapter.Clock.Waits);
        Assert.Null(adapter.Device.Vf(0, 0));
        await second.EnableAsync(8, null, default).WaitAsync(Patience);
        Assert.NotNull(adapter.Device.Vf(0, 7));
    }

    [Theory]
    [InlineData(0, PfDriverError.OutOfRange)]
    [InlineData(-1, PfDriverError.OutOfRange)]
    [InlineData(9, PfDriverError.OutOfRange)]
    public async Task Numbers_of_vfs_out_of_range_are_refused(int numVfs, PfDriverError error)
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        adapter.Access.Writes.Clear();
        await Fails(error, adapter.Driver.EnableAsync(numVfs, null, default));
        Assert.Empty(adapter.Access.Writes);
    }

    [Fact]
    public async Task Enabling_twice_is_busy()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        await adapter.Driver.EnableAsync(2, null, default).WaitAsync(Patience);
        await Fails(PfDriverError.Busy, adapter.Driver.EnableAsync(3, null, default));
        Assert.Equal(2, adapter.Driver.NumVfs);
        Assert.NotNull(adapter.Device.Vf(0, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(1000)]
    public async Task A_vf_may_take_a_second(int milliseconds)
    {
        using DrivenAdapter adapter = new(8, new SriovTiming { VfReadyAfter = TimeSpan.FromMilliseconds(milliseconds) });
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        await adapter.Driver.EnableAsync(8, null, default).WaitAsync(Patience);
        double waited = adapter.Clock.Waits.Sum(wait => wait.TotalMilliseconds);
        Assert.InRange(waited, Math.Max(100, milliseconds), Math.Max(100, milliseconds) + 20);
    }

    [Fact]
    public async Task A_vf_that_never_answers_is_a_timeout_after_a_second_and_all_are_off_again()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        adapter.Access.Override = (id, offset) => id.Value == 0x0108 ? uint.MaxValue : null;
        await Fails(PfDriverError.Timeout, adapter.Driver.EnableAsync(8, null, default));
        Assert.Equal(1000, adapter.Clock.Waits.Sum(wait => wait.TotalMilliseconds));
        Assert.Equal(0, adapter.Driver.NumVfs);
        Assert.Null(adapter.Device.Vf(0, 0));

        // The next try waits out the second of quiet first.
        adapter.Access.Override = null;
        adapter.Clock.Waits.Clear();
        await adapter.Driver.EnableAsync(8, null, default).WaitAsync(Patience);
        Assert.Equal([PfDriver.DisableWait, PfDriver.EnableWait], adapter.Clock.Waits);
    }

    [Fact]
    public async Task A_device_that_does_not_set_VF_Enable_is_refused()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        adapter.Access.IsDropped = (id, register) => register == adapter.Sriov + SriovOffsets.Control;
        await Fails(PfDriverError.Refused, adapter.Driver.EnableAsync(8, null, default));
        Assert.Equal(0, adapter.Driver.NumVfs);
    }

    [Fact]
    public async Task No_device_is_an_error_of_its_own()
    {
        using DrivenAdapter adapter = new(8);
        adapter.Access.Override = (id, offset) => id.Bus != 0 ? uint.MaxValue : null;
        await Fails(PfDriverError.NoDevice, adapter.Driver.ProbeAsync(default));
    }

    [Theory]
    [InlineData(SriovOffsets.InitialVfs, 0x0008_0007u, false)]
    [InlineData(SriovOffsets.SupportedPageSizes, 0u, true)]
    [InlineData(SriovOffsets.FirstVfOffset, 0x0001_0000u, true)]
    [InlineData(SriovOffsets.FirstVfOffset, 0x0000_0001u, true)]
    public async Task A_capability_that_contradicts_itself_is_refused(int register, uint value, bool atProbe)
    {
        using DrivenAdapter adapter = new(8);
        int at = adapter.Sriov + register;
        adapter.Access.Override = (id, offset) => id.Value == 0x0100 && offset == at ? value : null;
        if (!atProbe)
            await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        await Fails(PfDriverError.BadCapability, atProbe ? adapter.Driver.ProbeAsync(default) : adapter.Driver.EnableAsync(8, null, default));
    }

    [Fact]
    public async Task A_first_vf_that_is_a_bridge_is_refused()
    {
        using DrivenAdapter adapter = new(8);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        adapter.Access.Override = (id, offset) => id.Value == 0x0101 && offset == 0x0C ? 0x0001_0000u : null;
        await Fails(PfDriverError.BadCapability, adapter.Driver.EnableAsync(8, null, default));
        Assert.Null(adapter.Device.Vf(0, 0));
    }

    [Fact]
    public async Task Vfs_beyond_bus_255_are_refused_and_fewer_are_not()
    {
        using DrivenAdapter adapter = new(65535);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        Assert.Equal(256, adapter.Driver.LastVfBus);
        await Fails(PfDriverError.NoBusNumbers, adapter.Driver.EnableAsync(65280, null, default));
        Assert.Equal(0, new ConfigPort(adapter.Complex, new(0x0100)).Read16(adapter.Sriov + SriovOffsets.NumVfs));
        await adapter.Driver.EnableAsync(65279, null, default).WaitAsync(Patience);
        Assert.Equal(0xFFFF, adapter.Device.Vf(0, 65278)!.Dma.Requester.Value);
        await adapter.Driver.DisableAsync(null, default).WaitAsync(Patience);
    }

    [Fact]
    public async Task Vf_bars_that_do_not_fit_are_refused_when_enabled()
    {
        using DrivenAdapter adapter = new(65535, bar2Size: 0x10_0000);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        await Fails(PfDriverError.NoAddressSpace, adapter.Driver.EnableAsync(1, null, default));
    }

    [Fact]
    public async Task A_pf_without_the_capability_can_be_probed()
    {
        using DrivenAdapter adapter = new(0);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        Assert.Equal(0, adapter.Driver.TotalVfs);
        await Fails(PfDriverError.OutOfRange, adapter.Driver.EnableAsync(1, null, default));
        await adapter.Driver.DisableAsync(null, default).WaitAsync(Patience);
    }

    [Fact]
    public async Task Cancelled_enabling_leaves_no_vfs()
    {
        using DrivenAdapter adapter = new(8, jumps: false);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        using CancellationTokenSource stop = new();
        Task enabling = adapter.Driver.EnableAsync(8, null, stop.Token);
        Assert.NotNull(adapter.Device.Vf(0, 0));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enabling.WaitAsync(Patience));
        Assert.Null(adapter.Device.Vf(0, 0));
        Assert.Equal(0, adapter.Driver.NumVfs);
    }

    [Fact]
    public async Task Cancelled_disabling_has_disabled_and_the_next_call_waits_for_the_rest()
    {
        using DrivenAdapter adapter = new(8, jumps: false);
        await adapter.Driver.ProbeAsync(default).WaitAsync(Patience);
        Task enabling = adapter.Driver.EnableAsync(8, null, default);
        adapter.Clock.Advance(PfDriver.EnableWait);
        await enabling.WaitAsync(Patience);
        using CancellationTokenSource stop = new();
        Task disabling = adapter.Driver.DisableAsync(null, stop.Token);
        Assert.Null(adapter.Device.Vf(0, 0));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disabling.WaitAsync(Patience));
        adapter.Clock.Advance(PfDriver.DisableWait / 4);
        enabling = adapter.Driver.EnableAsync(8, null, default);
        Assert.Null(adapter.Device.Vf(0, 0));
        Assert.Equal(PfDriver.DisableWait * 0.75, adapter.Clock.Waits[^1]);
        adapter.Clock.Advance(PfDriver.DisableWait * 0.75);
        await adapter.Clock.UntilWaits(3).WaitAsync(Patience);
        adapter.Clock.Advance(PfDriver.EnableWait);
        await enabling.WaitAsync(Patience);
        Assert.NotNull(adapter.Device.Vf(0, 7));
    }

    private static async Task Fails(PfDriverError error, Task task)
    {
        PfDriverException failure = await Assert.ThrowsAsync<PfDriverException>(() => task.WaitAsync(Patience));
        Assert.Equal(error, failure.Error);
        Assert.NotEmpty(failure.Message);
    }

    private sealed class Steps(List<PfDriverStep> steps) : IProgress<PfDriverStep>
    {
        public void Report(PfDriverStep value) => steps.Add(value);
    }
}
