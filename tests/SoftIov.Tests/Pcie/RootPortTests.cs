using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>The root port: a type 1 header, windows, its link, and what it lets up (PCIe 7.5.1.3, 7.5.3, 7.8.4).</summary>
public class RootPortTests
{
    private const ushort DataLinkActive = 1 << 13;
    private const int LinkControl = 0x10;
    private const int LinkStatus = 0x12;

    [Fact]
    public void It_is_a_bridge_with_memory_windows_and_no_io_window()
    {
        using Fabric fabric = new();
        ConfigPort port = fabric.Port;
        Assert.Equal(0x000C_1B36u, port.Read32(0));
        Assert.Equal(0x06_0400u, port.Read32(8) >> 8);
        Assert.Equal(1, port.Read8(0x0E));
        for (int offset = 0x10; offset < 0x40; offset += 4)
            port.Write32(offset, uint.MaxValue);
        Assert.Equal(0u, port.Read32(0x10) | port.Read32(0x14));
        Assert.Equal(0x00FF_FFFFu, port.Read32(0x18));
        Assert.Equal(0u, port.Read32(0x1C) & 0xFFFF);
        Assert.Equal(0xFFF0_FFF0u, port.Read32(0x20));
        Assert.Equal(0xFFF1_FFF1u, port.Read32(0x24));
        Assert.Equal((uint.MaxValue, uint.MaxValue), (port.Read32(0x28), port.Read32(0x2C)));
        Assert.Equal(0u, port.Read32(0x30) | port.Read32(0x38));
        Assert.Equal(0x0043_00FFu, port.Read32(0x3C));
        port.Write16(4, 0xFFFF);
        Assert.Equal(0x0546, port.Read16(4));
        port.Write16(fabric.PortExpress + 8, 0xFFFF);
        Assert.Equal(0x78FF, port.Read16(fabric.PortExpress + 8));
    }

    [Fact]
    public void Only_functions_that_exist_answer_on_bus_0()
    {
        using Fabric fabric = new();
        Assert.True(fabric.Answers(new(0)));
        for (int id = 1; id < 256; id++)
            Assert.False(fabric.Answers(new((ushort)id)));
    }

    [Fact]
    public void Memory_passes_by_the_windows_and_the_command_register()
    {
        using Fabric fabric = new();
        Assert.True(fabric.Write32(Fabric.PfBar0, 1));
        Assert.True(fabric.Write32(Fabric.PfBar2, 1));
        fabric.Port.Write16(4, 4);
        Assert.False(fabric.Write32(Fabric.PfBar0, 1));
        fabric.Port.Write16(4, 6);

        // Prefetchable window from just behind the BAR on: closed for it, open again once it starts at the BAR.
        fabric.Port.Write32(0x24, 0xFFF0_0010);
        Assert.False(fabric.Write32(Fabric.PfBar0, 1));
        Assert.True(fabric.Write32(Fabric.PfBar2, 1));
        fabric.Port.Write32(0x24, 0xFFF0_0000);
        Assert.True(fabric.Write32(Fabric.PfBar0, 1));

        // Base above limit closes a window.
        fabric.Port.Write32(0x20, 0x8000_9000);
        Assert.False(fabric.Write32(Fabric.PfBar2, 1));

        // No access leaves a window at its end, or wraps.
        Assert.False(fabric.Complex.WriteMemory(ulong.MaxValue - 1, new byte[4]));
    }

    [Fact]
    public void At_power_on_windows_are_closed_and_no_bus_is_behind_it()
    {
        DmaFaultLog faults = new(4);
        using SriovDevice device = new(
            [new("pf", vf => $"vf{vf}", new RegisterPersonality(RegisterPersonality.Describe(1)), new RegisterFactory(), 1)],
            new SriovDeviceOptions { State = new NativeStateStore(), Quiescence = new NoPollers(), Faults = faults, Time = new VirtualClock() });
        using RootComplex complex = new([device], new NativeStateStore(), faults, "rc");
        ConfigPort port = new(complex, RootComplex.PortId(0));
        Assert.Equal((0x0000_FFF0u, 0x0001_FFF1u), (port.Read32(0x20), port.Read32(0x24)));
        port.Write16(4, 6);
        for (int bus = 1; bus < 256; bus++)
            Assert.Equal(uint.MaxValue, complex.Read(new((ushort)(bus << 8)), 0, 4));
        Assert.False(complex.WriteMemory(0xFFF0_0000, new byte[4]));
        Assert.False(complex.WriteMemory(0, new byte[4]));
    }

    [Fact]
    public void The_link_is_active_unless_software_holds_it_down()
    {
        using Fabric fabric = new();
        int express = fabric.PortExpress;
        Assert.Equal(0x42, fabric.Port.Read16(express + 2) & 0xFF);
        Assert.NotEqual(0u, fabric.Port.Read32(express + 0x0C) & (1 << 20));
        Assert.NotEqual(0, fabric.Port.Read16(express + LinkStatus) & DataLinkActive);
        fabric.Port.Write16(0x3E, BridgeHeader.SecondaryBusReset);
        Assert.Equal(0, fabric.Port.Read16(express + LinkStatus) & DataLinkActive);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        fabric.Port.Write16(0x3E, 0);
        Assert.NotEqual(0, fabric.Port.Read16(express + LinkStatus) & DataLinkActive);
        fabric.Port.Write16(express + LinkControl, RootPortCapability.LinkDisable);
        Assert.Equal(0, fabric.Port.Read16(express + LinkStatus) & DataLinkActive);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        fabric.Port.Write16(express + LinkControl, 0);
        Assert.True(fabric.Answers(fabric.Pf().Id));
        Assert.Equal(2, fabric.Physicals[0].Resets);

        // Retrain Link is done when it is written: it reads 0, and Link Training with it.
        fabric.Port.Write16(express + LinkControl, 1 << 5);
        Assert.Equal(0, fabric.Port.Read16(express + LinkControl));
        Assert.Equal(0, fabric.Port.Read16(express + LinkStatus) & (1 << 11));
        Assert.Equal(2, fabric.Physicals[0].Resets);
    }

    [Fact]
    public void In_D3hot_nothing_passes_and_state_is_kept()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        OpenVector(fabric);
        int power = fabric.Port.FindCapability(1) + 4;
        fabric.Port.Write16(power, 3);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        Assert.False(fabric.Write32(Fabric.PfBar0, 1));
        fabric.Factories[0].Made[0].Function.Fire(0);
        Assert.Empty(fabric.Signal.Messages);
        fabric.Port.Write16(power, 1);
        Assert.Equal(3, fabric.Port.Read16(power) & 3);
        fabric.Port.Write16(power, 0);
        Assert.True(fabric.Write32(Fabric.InVf(0), 1));
        Assert.Equal(0, fabric.Physicals[0].Resets);
    }

    [Theory]
    [InlineData("bus master")]
    [InlineData("D3hot")]
    [InlineData("root complex")]
    public void Dma_and_messages_wait_until_the_way_up_is_open(string gate)
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        OpenVector(fabric);
        using NativeHostMemory memory = new(0x1000);
        fabric.Device.Vf(0, 0)!.Dma.Map(0, 0x1000, DmaAccess.Read | DmaAccess.Write, memory, 0);
        RegisterPersonality vf = fabric.Factories[0].Made[0];
        Assert.True(vf.TryDma(0, 1));
        Set(fabric, gate, isOpen: false);
        Assert.False(vf.TryDma(0, 2));
        Assert.Equal([true, false], vf.BusMasterChanges);
        vf.Function.Fire(0);
        Assert.Empty(fabric.Signal.Messages);

        // A driver may set its own bit meanwhile: it has no effect yet, nor does a VF that comes get through.
        if (gate != "D3hot")
        {
            Fabric.BusMaster(fabric.Pf());
            Fabric.BusMaster(fabric.Vf(1));
            Assert.False(fabric.Device.Engines[0].Physical.Dma.BusMasterEnable);
            Assert.False(fabric.Device.Vf(0, 1)!.Dma.BusMasterEnable);
        }

        Set(fabric, gate, isOpen: true);
        Assert.True(vf.TryDma(0, 3));
        Assert.Equal(gate != "D3hot", fabric.Device.Vf(0, 1)!.Dma.BusMasterEnable);
        Assert.Equal(gate != "D3hot", fabric.Device.Engines[0].Physical.Dma.BusMasterEnable);
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(3, memory.Bytes[0]);
        Assert.Equal(0, fabric.Faults.Total);
    }

    [Fact]
    public void Error_messages_are_logged_with_the_first_source()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        fabric.Pf().Write16(4, CommandBits.SystemError);
        int aer = fabric.Port.FindExtended(1);
        fabric.Port.Write16(0x3E, 0);
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.CompleterAbort);
        Assert.Equal(0u, fabric.Port.Read32(aer + 0x30));
        Assert.Equal(1 << 14, fabric.Port.Read16(0x1E));
        fabric.Port.Write16(0x3E, BridgeHeader.SystemErrorEnable);
        fabric.Device.LogError(fabric.Device.Vf(0, 1)!, UncorrectableError.CompleterAbort);
        Assert.Equal(0b010_0100u, fabric.Port.Read32(aer + 0x30));
        Assert.Equal(0x0102_0000u, fabric.Port.Read32(aer + 0x34));
        fabric.Pf().Write32(fabric.Pf().FindExtended(1) + 0x0C, 1u << 15);
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.CompleterAbort);
        Assert.Equal(0b110_1100u, fabric.Port.Read32(aer + 0x30));
        Assert.Equal(0x0102_0000u, fabric.Port.Read32(aer + 0x34));
        fabric.Port.Write32(aer + 0x30, 0x7F);
        Assert.Equal(0u, fabric.Port.Read32(aer + 0x30));
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.CompleterAbort);
        Assert.Equal(0b101_0100u, fabric.Port.Read32(aer + 0x30));
        Assert.Equal(0x0101_0000u, fabric.Port.Read32(aer + 0x34));
        fabric.Port.Write16(0x1E, 0xFFFF);
        Assert.Equal(0, fabric.Port.Read16(0x1E));
        fabric.Port.Write32(aer + 0x2C, uint.MaxValue);
        Assert.Equal(7u, fabric.Port.Read32(aer + 0x2C));
        Assert.Equal(0, fabric.Port.Read16(fabric.PortExpress + 0x0A));
    }

    /// <summary>PCIe 7.8.4.9 to .11: status and source are sticky, the enables are not.</summary>
    [Fact]
    public void A_hot_reset_keeps_what_errors_were_logged_and_no_interrupt_for_them()
    {
        using Fabric fabric = new();
        int aer = fabric.Port.FindExtended(1);
        fabric.Port.Write32(aer + 0x2C, 0b010);
        fabric.Port.Write32(aer + 0x08, 0);
        fabric.Complex.Port(0).Report(new(new(0x0102), ErrorSeverity.NonFatal));
        fabric.Complex.Reset();
        Assert.Equal((0b010_0100u, 0x0102_0000u), (fabric.Port.Read32(aer + 0x30), fabric.Port.Read32(aer + 0x34)));
        Assert.Equal(0u, fabric.Port.Read32(aer + 0x2C));
        Assert.Equal(0u, fabric.Port.Read32(aer + 0x08));
        Assert.Equal(0, fabric.Port.Read16(0x1E));
    }

    /// <summary>Software clears other bits of Secondary Status all the while: no error that comes meanwhile is lost by that.</summary>
    [Fact]
    public async Task An_error_message_is_not_lost_when_software_writes_the_register_it_sets()
    {
        using Fabric fabric = new();
        using CancellationTokenSource stop = new();
        Task software = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                fabric.Port.Write16(0x1E, StatusBits.DetectedParityError);
        });
        RootPort port = fabric.Complex.Port(0);
        int lost = 0;
        for (int i = 0; i < 200_000 && lost == 0; i++)
        {
            fabric.Port.Write16(0x1E, StatusBits.ReceivedSystemError);
            port.Report(new(new(0x0100), ErrorSeverity.Fatal));
            lost += (fabric.Port.Read16(0x1E) & StatusBits.ReceivedSystemError) == 0 ? 1 : 0;
        }

        await stop.CancelAsync();
        await software;
        Assert.Equal(0, lost);
    }

    [Fact]
    public void Acs_has_the_services_that_make_the_path_clean()
    {
        using Fabric fabric = new();
        int acs = fabric.Port.FindExtended(0x0D);
        Assert.Equal(0x1F, fabric.Port.Read16(acs + 4));
        fabric.Port.Write16(acs + 6, 0xFFFF);
        Assert.Equal(0x1F, fabric.Port.Read16(acs + 6));
    }

    [Fact]
    public void Accesses_across_dwords_become_two()
    {
        using Fabric fabric = new();
        for (int offset = 0; offset < 0x40; offset++)
        {
            uint expected = 0;
            for (int lane = 0; lane < 4; lane++)
                expected |= (uint)fabric.Pf().Read8(offset + lane) << (8 * lane);
            Assert.Equal(expected, fabric.Pf().Read32(offset));
        }

        fabric.Pf().Write32(0x3A, 0x0055_FFFF);
        Assert.Equal(0x55, fabric.Pf().Read8(0x3C));
        Assert.Equal(0x0010_0002u, fabric.Pf().Read32(4));
    }

    private static void Set(Fabric fabric, string gate, bool isOpen)
    {
        switch (gate)
        {
            case "bus master":
                fabric.Port.Write16(4, isOpen ? (ushort)6 : (ushort)2);
                break;
            case "D3hot":
                fabric.Port.Write16(fabric.Port.FindCapability(1) + 4, isOpen ? (ushort)0 : (ushort)3);
                break;
            default:
                fabric.Complex.EnableMaster(isOpen);
                break;
        }
    }

    private static void OpenVector(Fabric fabric)
    {
        Fabric.BusMaster(fabric.Vf(0));
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 12), 0);
        fabric.Vf(0).Write16(fabric.Vf(0).FindCapability(0x11) + 2, MsixCapability.Enable);
    }
}
