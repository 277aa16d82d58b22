using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>VF Enable: when VFs come, where they are, how they go (PCIe 9.3.3.3.1).</summary>
public class EnableDisableTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void P070_Before_VF_Enable_no_vf_answers()
    {
        using Fabric fabric = new();
        fabric[SriovOffsets.NumVfs] = 8;
        for (int vf = 0; vf < 8; vf++)
            Assert.Equal(uint.MaxValue, fabric.Vf(vf).Read32(4));
        Assert.Equal(0, fabric.Factories[0].Creations);
    }

    [Fact]
    public void P071_Enable_and_memory_in_one_write_bring_up_exactly_NumVFs()
    {
        using Fabric fabric = new();
        fabric.Enable(5);
        int alive = 0;
        for (int id = 1; id < 256; id++)
            alive += fabric.Answers(new((ushort)(0x100 + id))) ? 1 : 0;
        Assert.Equal(5, alive);
        Assert.True(fabric.Write32(Fabric.InVf(4), 1));
    }

    [Fact]
    public void P072_A_vf_may_ask_for_patience_for_1_s_and_never_again()
    {
        using Fabric fabric = new(timing: new SriovTiming { VfReadyAfter = SriovTiming.LongestStart });
        fabric.Enable(1);
        Assert.Equal(uint.MaxValue, fabric.Vf(0).Read32(4));
        Assert.False(fabric.Write32(Fabric.InVf(0), 1));

        // With retry status visible, software sees vendor 0001h at offset 0 and all ones elsewhere.
        fabric.Port.Write16(fabric.PortExpress + 0x1C, RootPortCapability.RetryVisibility);
        Assert.Equal(0xFFFF_0001, fabric.Vf(0).Read32(0));
        Assert.Equal(uint.MaxValue, fabric.Vf(0).Read32(4));
        fabric.Clock.Advance(SriovTiming.LongestStart - Tick);
        Assert.Equal(0xFFFF_0001, fabric.Vf(0).Read32(0));
        fabric.Clock.Advance(Tick);
        Assert.Equal(0xFFFF_FFFF, fabric.Vf(0).Read32(0));
        Assert.Equal(0x0010_0000u, fabric.Vf(0).Read32(4));
        for (int i = 0; i < 1000; i++)
        {
            fabric.Clock.Advance(Tick);
            Assert.Equal(0x0010_0000u, fabric.Vf(0).Read32(4));
        }
    }

    [Fact]
    public void P072_A_vf_cannot_be_told_to_take_more_than_1_s()
    {
        SriovTiming timing = new() { VfReadyAfter = SriovTiming.LongestStart + Tick };
        Assert.Throws<ArgumentOutOfRangeException>(() => new Fabric(timing: timing));
    }

    [Fact]
    public void P072_By_default_a_vf_answers_at_once()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        Assert.True(fabric.Answers(fabric.VfId(0)));
    }

    [Fact]
    public void P073_The_vf_after_the_last_does_not_answer()
    {
        using Fabric fabric = new();
        fabric.Enable(4);
        Assert.True(fabric.Answers(fabric.VfId(3)));
        Assert.False(fabric.Answers(fabric.VfId(4)));
    }

    [Fact]
    public void P074_When_VF_Enable_is_cleared_no_vf_answers_reads_writes_or_interrupts()
    {
        using Fabric fabric = new();
        fabric.Enable(3);
        RegisterPersonality vf = OpenForTraffic(fabric, 1, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        Assert.True(vf.TryDma(0x1000, 0xAA));
        vf.Function.Fire(0);
        Assert.Single(fabric.Signal.Messages);

        fabric.Disable();
        Assert.All([0, 1, 2], i => Assert.False(fabric.Answers(fabric.VfId(i))));
        Assert.False(vf.TryDma(0x1000, 0xBB));
        Assert.Equal(0xAA, memory.Bytes[0]);
        vf.Function.Fire(0);
        vf.Function.UpdateIntx();
        Assert.False(vf.Function.MessagesEnabled);
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(0, fabric.Faults.Total);
        Assert.Equal((1, 1), (vf.Resets, vf.Disposals));
    }

    [Fact]
    public void P075_Enabling_and_disabling_1000_times_leaks_nothing_and_starts_afresh()
    {
        using MemfdStateStore state = new();
        using Fabric fabric = new(state: state, name: "leak");
        int files = OwnFiles();
        int mappings = OwnMappings();
        List<WeakReference> functions = [];
        for (int i = 0; i < 1000; i++)
            functions.AddRange(Cycle(fabric));
        Assert.Equal(files, OwnFiles());
        Assert.Equal(mappings, OwnMappings());
        GC.Collect();
        Assert.Equal(4000, functions.Count);
        Assert.DoesNotContain(functions, function => function.IsAlive);
        Assert.Equal(4000, fabric.Factories[0].Creations);
    }

    [Fact]
    public void P076_VF_Enable_without_NumVFs_is_legal()
    {
        using Fabric fabric = new();
        fabric.Enable(0);
        Assert.NotEqual(0, fabric[SriovOffsets.Control] & SriovControlBits.VfEnable);
        Assert.False(fabric.Answers(fabric.VfId(0)));
        Assert.False(fabric.Write32(Fabric.InVf(0), 1));
        Assert.Equal(0, fabric.Device.SoftwareErrors);
        fabric.Disable();
        fabric.Enable(2);
        Assert.True(fabric.Answers(fabric.VfId(1)));
    }

    [Fact]
    public void P077_The_probe_loop_of_Linux_leaves_the_device_usable()
    {
        using Fabric fabric = new(300);
        for (int numVfs = 300; numVfs > 0; numVfs--)
        {
            fabric[SriovOffsets.NumVfs] = (ushort)numVfs;
            Assert.NotEqual(0, fabric[SriovOffsets.FirstVfOffset]);
            Assert.NotEqual(0, fabric[SriovOffsets.VfStride]);
        }

        fabric[SriovOffsets.NumVfs] = 0;
        fabric.Enable(300);
        Assert.True(fabric.Answers(fabric.VfId(299)));
    }

    [Fact]
    public void P078_Vfs_found_enabled_at_probe_vanish_when_Control_is_written_0()
    {
        using Fabric fabric = new();
        fabric.Enable(4);
        _ = fabric.Device.Vf(0, 3);
        fabric[SriovOffsets.Control] = 0;
        Assert.All([0, 1, 2, 3], vf => Assert.False(fabric.Answers(new((ushort)(0x101 + vf)))));
        Assert.Null(fabric.Device.Vf(0, 3));
    }

    [Fact]
    public void P079_Vfs_of_one_pf_leave_the_other_pf_alone()
    {
        using Fabric fabric = new(100, physicals: 2);
        fabric.Enable(100, pf: 0);
        fabric.Write32(Fabric.InVf(7), 7);
        byte[] before = ConfigOf(fabric, 0);
        fabric.Enable(100, pf: 1);
        fabric.Write32(Fabric.InVf(7, pf: 1), 8);
        Assert.Equal(before, ConfigOf(fabric, 0));
        Assert.Equal(7u, fabric.Read32(Fabric.InVf(7)));
        HashSet<RequesterId> ids = [fabric.Pf(0).Id, fabric.Pf(1).Id];
        for (int pf = 0; pf < 2; pf++)
        {
            for (int vf = 0; vf < 100; vf++)
            {
                Assert.True(ids.Add(fabric.VfId(vf, pf)));
                Assert.True(fabric.Answers(fabric.VfId(vf, pf)));
                Assert.Equal(fabric.VfId(vf, pf), fabric.Device.Vf(pf, vf)!.Dma.Requester);
            }
        }

        fabric.Disable(1);
        Assert.Equal(before, ConfigOf(fabric, 0));
        Assert.Equal(7u, fabric.Read32(Fabric.InVf(7)));
        Assert.True(fabric.Answers(fabric.VfId(99, 0)));
    }

    [Fact]
    public void P080_Vfs_on_the_buses_behind_are_claimed_and_holes_are_not()
    {
        using Fabric fabric = new(600, physicals: 2);
        fabric.Enable(600, pf: 1);
        Assert.Equal(5, fabric.VfId(599, 1).Bus);
        int alive = 0;
        for (int id = 0; id < 6 * 256; id++)
            alive += fabric.Answers(new((ushort)(0x100 + id))) ? 1 : 0;
        Assert.Equal(2 + 600, alive);
        Assert.True(fabric.Answers(fabric.VfId(599, 1)));
        Assert.False(fabric.Answers(new((ushort)(fabric.VfId(599, 1).Value + 2))));
        Assert.False(fabric.Answers(new((ushort)(fabric.VfId(599, 1).Value - 1))));

        // What the port does not lead to never reaches the device.
        fabric.Port.Write8(0x1A, 4);
        Assert.False(fabric.Answers(fabric.VfId(599, 1)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void P081_Vf_routing_ids_follow_the_captured_bus(bool whileEnabled)
    {
        using Fabric fabric = new(300);
        if (whileEnabled)
        {
            fabric.Enable(300);
            _ = fabric.Device.Vf(0, 299);
        }

        fabric.Port.Write32(0x18, 0x00FF_1200);
        fabric.Pf().Write16(0x3C, 0);
        Assert.Equal(0x1200, fabric.Pf().Id.Value);
        if (!whileEnabled)
            fabric.Enable(300);
        Assert.Equal(0x1201 + 299, fabric.VfId(299).Value);
        Assert.True(fabric.Answers(fabric.VfId(299)));
        Assert.Equal(fabric.VfId(299), fabric.Device.Vf(0, 299)!.Dma.Requester);
        Assert.False(fabric.Answers(new(0x0101)));
        Assert.Equal(fabric.Pf().Id, fabric.Device.Engines[0].Physical.Dma.Requester);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(1, 7)]
    [InlineData(1, 8)]
    [InlineData(1, 300)]
    [InlineData(2, 3)]
    [InlineData(2, 4)]
    public void P082_Without_ari_vfs_on_the_captured_bus_are_functions_of_device_0(int physicals, int numVfs)
    {
        using Fabric fabric = new(512, physicals, ari: false);
        for (int pf = 0; pf < physicals; pf++)
        {
            fabric.Enable(numVfs, pf);
            for (int vf = 0; vf < numVfs; vf++)
            {
                RequesterId id = fabric.VfId(vf, pf);
                Assert.True(id.Bus != fabric.Bus || id.DeviceFunction < 8, $"VF {vf} at {id}");
                Assert.True(fabric.Answers(id));
            }
        }
    }

    [Fact]
    public void Without_ari_forwarding_the_port_reaches_eight_functions()
    {
        using Fabric fabric = new(100);
        fabric.Enable(100);
        fabric.SetAriForwarding(false);
        Assert.True(fabric.Answers(new(0x0107)));
        Assert.False(fabric.Answers(new(0x0108)));
    }

    [Fact]
    public void A_vf_the_host_cannot_make_is_an_unsupported_request()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        fabric.Factories[0].Failure = new InvalidOperationException("no descriptors left");
        Assert.False(fabric.Answers(fabric.VfId(0)));
        Assert.False(fabric.Write32(Fabric.InVf(0), 1));
        Assert.Equal(2, fabric.Device.HostFailures);
        Assert.Equal("no descriptors left", fabric.Device.LastHostFailure?.Message);
        Assert.Throws<InvalidOperationException>(() => fabric.Device.Vf(0, 0));
        fabric.Factories[0].Failure = null;
        Assert.True(fabric.Answers(fabric.VfId(0)));
    }

    /// <summary>Four VFs come, are used and go.</summary>
    private static WeakReference[] Cycle(Fabric fabric)
    {
        fabric.Enable(4);
        for (int vf = 0; vf < 4; vf++)
        {
            Assert.Equal(0, fabric.Vf(vf).Read16(4));
            Assert.Equal(0u, fabric.Read32(Fabric.InVf(vf)));
            Assert.True(fabric.Write32(Fabric.InVf(vf), 0xDEAD));
            Fabric.BusMaster(fabric.Vf(vf));
        }

        WeakReference[] functions = [.. Enumerable.Range(0, 4).Select(vf => new WeakReference(fabric.Device.Vf(0, vf)))];
        fabric.Disable();
        Assert.False(fabric.Answers(fabric.VfId(0)));
        fabric.Factories[0].Made.Clear();
        return functions;
    }

    private static int OwnFiles() => Directory.GetFiles("/proc/self/fd").Count(
        file => new FileInfo(file).LinkTarget is { } target && target.Contains("memfd:leak0/", StringComparison.Ordinal));

    private static int OwnMappings() => File.ReadLines("/proc/self/maps").Count(
        line => line.Contains("memfd:leak0/", StringComparison.Ordinal));

    private static byte[] ConfigOf(Fabric fabric, int pf)
    {
        byte[] config = new byte[ConfigSpace.Size];
        fabric.Device.Engines[pf].Physical.FabricConfig.Read(0, config);
        return config;
    }

    private static RegisterPersonality OpenForTraffic(Fabric fabric, int vf, out NativeHostMemory memory)
    {
        memory = new NativeHostMemory(0x1000);
        fabric.Device.Vf(0, vf)!.Dma.Map(0x1000, 0x1000, DmaAccess.Read | DmaAccess.Write, memory, 0);
        Fabric.BusMaster(fabric.Vf(vf));
        fabric.Write32(Fabric.InVf(vf, RegisterPersonality.TableOffset), 0xFEE0_0000);
        fabric.Write32(Fabric.InVf(vf, RegisterPersonality.TableOffset + 12), 0);
        fabric.Vf(vf).Write16(fabric.Vf(vf).FindCapability(0x11) + 2, MsixCapability.Enable);
        return fabric.Factories[0].Made[vf];
    }
}
