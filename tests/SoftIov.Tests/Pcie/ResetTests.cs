using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>What each kind of reset clears, and what it leaves (PCIe 6.6, 9.2.2).</summary>
public class ResetTests
{
    private const ushort FunctionLevelReset = 1 << 15;
    private const ulong Iova = 0x1000;

    [Fact]
    public void P090_Vf_flr_resets_that_vf_and_nothing_of_its_existence()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        RegisterPersonality vf = fabric.Factories[0].Made[1];
        ushort control = fabric[SriovOffsets.Control];
        Flr(fabric.Vf(1));
        Assert.Equal(1, vf.Resets);
        Assert.Equal(0, fabric.Vf(1).Read16(4));
        Assert.Equal(0, fabric.Vf(1).Read16(Msix(fabric.Vf(1)) + 2) & 0xC000);
        Assert.Equal(1u, fabric.Read32(Fabric.InVf(1, RegisterPersonality.TableOffset + 12)));
        Assert.Equal(0u, fabric.Read32(Fabric.InVf(1, 0x10)));
        Assert.False(vf.TryDma(Iova, 1));
        Assert.Equal(control, fabric[SriovOffsets.Control]);
        Assert.Equal(3, fabric[SriovOffsets.NumVfs]);
        Assert.Same(vf, fabric.Factories[0].Made[1]);
        Assert.True(fabric.Device.Vf(0, 1)!.IsPresent);
    }

    [Fact]
    public void P091_Vf_flr_leaves_pf_and_other_vfs_as_they_are()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        byte[] pf = ConfigOf(fabric.Device.Engines[0].Physical);
        byte[] other = ConfigOf(fabric.Device.Vf(0, 2)!);
        Flr(fabric.Vf(1));
        Assert.Equal(pf, ConfigOf(fabric.Device.Engines[0].Physical));
        Assert.Equal(other, ConfigOf(fabric.Device.Vf(0, 2)!));
        Assert.Equal(0x22u, fabric.Read32(Fabric.InVf(2, 0x10)));
        Assert.True(fabric.Factories[0].Made[2].TryDma(Iova, 0x77));
        fabric.Factories[0].Made[2].Function.Fire(0);
        Assert.Equal(fabric.VfId(2), Assert.Single(fabric.Signal.Messages).Requester);
    }

    [Fact]
    public void P092_A_vf_answers_right_after_its_flr()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        Flr(fabric.Vf(1));
        Assert.Equal(0x0010_0000u, fabric.Vf(1).Read32(4));
        Assert.True(fabric.Write32(Fabric.InVf(1), 1));
    }

    /// <summary>A personality that missed the reset and goes on with an old request finds its function not bus master.</summary>
    [Fact]
    public void P093_Late_work_of_old_requests_goes_nowhere()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        RegisterPersonality vf = fabric.Factories[0].Made[1];
        Assert.True(vf.TryDma(Iova, 0x11));
        vf.OnReset = () => Assert.False(vf.TryDma(Iova, 0x22));
        Flr(fabric.Vf(1));
        Assert.False(vf.TryDma(Iova, 0x33));
        vf.Function.Fire(0);
        Assert.Equal(0x11, memory.Bytes[0]);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(0, fabric.Faults.Total);
    }

    [Fact]
    public void P094_Pf_flr_clears_the_sriov_capability_and_its_vfs()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        Flr(fabric.Pf());
        AssertSriovAtPowerOn(fabric);
        Assert.Equal(0u, fabric.Pf().Read32(0x10) & ~0xFu);
        Assert.Equal(0, fabric.Pf().Read16(4));
        Assert.Equal(1, fabric.Physicals[0].Resets);
        Assert.Equal(0, fabric.Pf().Read16(fabric.Pf().FindCapability(0x10) + 8) & FunctionLevelReset);
    }

    [Fact]
    public void P094_Flr_keeps_payload_size_and_link_settings()
    {
        using Fabric fabric = new();
        int express = fabric.Pf().FindCapability(0x10);
        fabric.Pf().Write16(express + 8, 0x5820);
        fabric.Pf().Write16(express + 0x10, 0x40);
        Flr(fabric.Pf());
        Assert.Equal(0x2810 | 0x20, fabric.Pf().Read16(express + 8));
        Assert.Equal(0x40, fabric.Pf().Read16(express + 0x10));
    }

    [Fact]
    public void P094_A_reset_of_the_lowest_pf_cannot_move_the_vfs_of_others()
    {
        using Fabric fabric = new(8, physicals: 2);
        fabric.Enable(8, pf: 1);
        RequesterId id = fabric.VfId(7, 1);
        Flr(fabric.Pf());
        Assert.Equal(id, fabric.VfId(7, 1));
        Assert.True(fabric.Answers(id));
        fabric.Disable(1);
        Flr(fabric.Pf());
        Assert.Equal(0, fabric[SriovOffsets.Control]);
    }

    [Fact]
    public void P094_While_a_pf_resets_it_answers_with_retry_status()
    {
        SriovTiming timing = new() { ResetReadyAfter = TimeSpan.FromMilliseconds(300) };
        using Fabric fabric = new(physicals: 2, timing: timing);
        fabric.Port.Write16(fabric.PortExpress + 0x1C, RootPortCapability.RetryVisibility);
        int express = fabric.Pf().FindCapability(0x10);
        fabric.Pf(0).Write16(express + 8, FunctionLevelReset);
        fabric.Clock.Advance(TimeSpan.FromMilliseconds(100));
        fabric.Pf(1).Write16(express + 8, FunctionLevelReset);
        Assert.Equal(0xFFFF_0001, fabric.Pf(0).Read32(0));
        Assert.Equal(0xFFFF_0001, fabric.Pf(1).Read32(0));
        fabric.Clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(0x0010_1B36u, fabric.Pf(0).Read32(0));
        Assert.Equal(0xFFFF_0001, fabric.Pf(1).Read32(0));
        fabric.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0x0010_1B36u, fabric.Pf(1).Read32(0));
    }

    [Fact]
    public void P095_Clients_of_vfs_hear_that_a_pf_flr_took_them()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        List<string> gone = [];
        IEndpoint[] endpoints = [.. Enumerable.Range(0, 3).Select(vf => fabric.Device.Vf(0, vf)!.Endpoint)];
        foreach (IEndpoint endpoint in endpoints)
        {
            endpoint.Gone += () =>
            {
                gone.Add(endpoint.Name);
                Assert.False(endpoint.IsPresent);

                // A handler may call back: nothing of the device is locked.
                Assert.Null(Task.Run(() => fabric.Device.Vf(0, 0)).GetAwaiter().GetResult());
                Assert.Equal(uint.MaxValue, Task.Run(() => endpoint.Read32(4)).GetAwaiter().GetResult());
            };
        }

        RegisterPersonality vf = fabric.Factories[0].Made[1];
        Flr(fabric.Pf());
        Assert.Equal(["pf0/0", "pf0/1", "pf0/2"], gone.Order());
        Assert.False(vf.TryDma(Iova, 0x99));
        Assert.Equal(0, memory.Bytes[0]);
        Flr(fabric.Pf());
        Assert.Equal(3, gone.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void P096_A_reset_of_the_link_clears_all_and_forgets_the_bus_number(bool byLinkDisable)
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        int link = fabric.PortExpress + 0x10;
        if (byLinkDisable)
            fabric.Port.Write16(link, RootPortCapability.LinkDisable);
        else
            fabric.Port.Write16(0x3E, BridgeHeader.SecondaryBusReset);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        Assert.Equal(0, fabric.Device.RequesterOf(0).Bus);
        fabric.Port.Write16(byLinkDisable ? link : 0x3E, 0);
        Assert.True(fabric.Answers(fabric.Pf().Id));
        Assert.Equal(0, fabric.Device.RequesterOf(0).Bus);
        AssertSriovAtPowerOn(fabric);
        Assert.Equal(0, fabric.Pf().Read16(4));
        fabric.Pf().Write16(4, 2);
        Assert.Equal(1, fabric.Device.RequesterOf(0).Bus);
    }

    [Fact]
    public void P097_Aer_status_survives_flr_and_hot_reset_and_not_a_cold_one()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        int aer = fabric.Pf().FindExtended(1);
        fabric.Device.LogError(fabric.Device.Engines[0].Physical, UncorrectableError.PoisonedTlp);
        fabric.Device.LogError(fabric.Device.Vf(0, 1)!, UncorrectableError.CompletionTimeout);
        fabric.Pf().Write32(aer + 8, 1 << 12);
        Flr(fabric.Vf(1));
        Assert.Equal(1u << 14, fabric.Vf(1).Read32(fabric.Vf(1).FindExtended(1) + 4));
        Flr(fabric.Pf());
        fabric.Device.HotReset();
        Assert.Equal(1u << 12, fabric.Pf().Read32(aer + 4));
        Assert.Equal(1u << 12, fabric.Pf().Read32(aer + 8));
        fabric.Device.ColdReset();
        Assert.Equal(0u, fabric.Pf().Read32(aer + 4));
        Assert.Equal(AerCapability.InternalError, fabric.Pf().Read32(aer + 8));
    }

    [Fact]
    public void P098_D3hot_and_back_keeps_vfs_with_No_Soft_Reset()
    {
        using Fabric fabric = Enabled(out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        RegisterPersonality vf = fabric.Factories[0].Made[1];
        int power = fabric.Pf().FindCapability(1) + 4;
        Assert.Equal(1 << 3, fabric.Pf().Read16(power));
        fabric.Pf().Write16(power, 3);

        // While the PF sleeps its VFs do no I/O and decode nothing.
        Assert.False(vf.TryDma(Iova, 1));
        Assert.Equal([true, false], vf.BusMasterChanges);
        Assert.False(fabric.Write32(Fabric.InVf(1), 1));
        Assert.True(fabric.Answers(fabric.VfId(1)));
        vf.Function.Fire(0);
        Assert.Empty(fabric.Signal.Messages);

        fabric.Pf().Write16(power, 0);
        Assert.Equal([true, false, true], vf.BusMasterChanges);
        Assert.True(vf.TryDma(Iova, 1));
        Assert.Equal(0x11u, fabric.Read32(Fabric.InVf(1, 0x10)));
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(0, vf.Resets);
    }

    [Fact]
    public void P098_D3hot_and_back_without_No_Soft_Reset_is_a_reset_that_keeps_the_ari_bit()
    {
        using Fabric fabric = new(noSoftReset: false);
        fabric.Enable(3);
        int power = fabric.Pf().FindCapability(1) + 4;
        fabric.Pf().Write16(power, 3);
        Assert.True(fabric.Answers(fabric.VfId(0)));
        fabric.Pf().Write16(power, 0);
        Assert.Equal(SriovControlBits.AriCapableHierarchy, fabric[SriovOffsets.Control]);
        Assert.Equal(0, fabric[SriovOffsets.NumVfs]);
        Assert.False(fabric.Answers(new(0x0101)));
        Assert.Equal(1, fabric.Physicals[0].Resets);
    }

    private static void AssertSriovAtPowerOn(Fabric fabric)
    {
        Assert.Equal(0, fabric[SriovOffsets.Control]);
        Assert.Equal(0, fabric[SriovOffsets.NumVfs]);
        Assert.Equal(1u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.SystemPageSize));
        for (int bar = 0; bar < 6; bar++)
            Assert.Equal(bar == 0 ? 0xCu : 0, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.VfBars + 4 * bar));
        for (int id = 1; id < 300; id++)
            Assert.False(fabric.Answers(new((ushort)(0x100 + id))));
    }

    /// <summary>Three VFs with traffic: VF n holds n * 11h at 10h, is bus master, may write memory and has vector 0 open.</summary>
    private static Fabric Enabled(out NativeHostMemory memory)
    {
        Fabric fabric = new();
        memory = new NativeHostMemory(0x1000);
        fabric.Pf().Write32(fabric.Sriov() + SriovOffsets.SystemPageSize, 2);
        fabric.Enable(3);
        for (int vf = 0; vf < 3; vf++)
        {
            fabric.Write32(Fabric.InVf(vf, 0x10), (uint)vf * 0x11);
            fabric.Device.Vf(0, vf)!.Dma.Map(Iova, 0x1000, DmaAccess.Read | DmaAccess.Write, memory, 0);
            Fabric.BusMaster(fabric.Vf(vf));
            fabric.Vf(vf).Write16(Msix(fabric.Vf(vf)) + 2, MsixCapability.Enable);
            fabric.Write32(Fabric.InVf(vf, RegisterPersonality.TableOffset + 12), 0);
        }

        return fabric;
    }

    private static byte[] ConfigOf(PciFunction function)
    {
        byte[] config = new byte[2 * ConfigSpace.Size];
        function.FabricConfig.Read(0, config.AsSpan(0, ConfigSpace.Size));
        function.AssignedConfig.Read(0, config.AsSpan(ConfigSpace.Size));
        return config;
    }

    private static int Msix(ConfigPort function) => function.FindCapability(0x11);

    /// <summary>Sets one bit, as Linux does.</summary>
    private static void Flr(ConfigPort function)
    {
        int control = function.FindCapability(0x10) + 8;
        function.Write16(control, (ushort)(function.Read16(control) | FunctionLevelReset));
    }
}
