using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>The header of a VF, on the fabric and as its client sees it (PCIe 9.3.4).</summary>
public class VfHeaderTests
{
    [Fact]
    public void P001_Vf_ids_read_all_ones_in_the_fabric_view()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        Assert.Equal(0xFFFF_FFFF, fabric.Vf(0).Read32(0));
        Assert.Equal(0xFFFF, fabric.Vf(1).Read16(0));
        Assert.Equal(0xFFFF, fabric.Vf(1).Read16(2));
        Assert.True(fabric.Answers(fabric.VfId(1)));
    }

    [Fact]
    public void P002_Assigned_view_has_the_vendor_of_the_pf_and_the_vf_device_id()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        IEndpoint endpoint = fabric.Device.Vf(0, 0)!.Endpoint;
        Assert.Equal(fabric.Pf().Read16(0), endpoint.Read16(0));
        Assert.Equal(fabric[SriovOffsets.VfDeviceId], endpoint.Read16(2));
    }

    [Fact]
    public void P003_Of_command_only_bus_master_can_be_set()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Vf(0).Write16(4, 0xFFFF);
        Assert.Equal(1 << 2, fabric.Vf(0).Read16(4));
    }

    [Fact]
    public void P004_Bus_master_is_off_after_vf_enable()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        Assert.Equal(0, fabric.Vf(0).Read16(4));
        Assert.False(fabric.Device.Vf(0, 0)!.Dma.BusMasterEnable);
    }

    [Fact]
    public void P005_Bars_read_0_after_all_ones()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        for (int offset = 0x10; offset < 0x28; offset += 4)
        {
            fabric.Vf(0).Write32(offset, uint.MaxValue);
            Assert.Equal(0u, fabric.Vf(0).Read32(offset));
        }
    }

    [Fact]
    public void P006_Rom_reads_0_after_all_ones()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Vf(0).Write32(0x30, uint.MaxValue);
        Assert.Equal(0u, fabric.Vf(0).Read32(0x30));
    }

    [Fact]
    public void P007_Interrupt_pin_and_line_read_0_after_a_write()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Vf(0).Write16(0x3C, 0xFFFF);
        Assert.Equal(0, fabric.Vf(0).Read16(0x3C));
        Assert.Equal(1, fabric.Pf().Read8(0x3D));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void P008_Header_type_is_0_and_not_multi_function(int physicals)
    {
        using Fabric fabric = new(physicals: physicals);
        fabric.Enable(1);
        fabric.Vf(0).Write32(0x0C, uint.MaxValue);
        Assert.Equal(0, fabric.Vf(0).Read8(0x0E));
        Assert.Equal(physicals > 1 ? 0x80 : 0, fabric.Pf().Read8(0x0E));
    }

    [Fact]
    public void P009_Class_code_is_that_of_the_pf()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        Assert.Equal(fabric.Pf().Read32(8) >> 8, fabric.Vf(1).Read32(8) >> 8);
        Assert.NotEqual(0u, fabric.Vf(1).Read32(8) >> 8);
    }

    [Fact]
    public void P010_Subsystem_vendor_is_that_of_the_pf()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        Assert.Equal(0x1AF4, fabric.Vf(0).Read16(0x2C));
        Assert.Equal(fabric.Pf().Read16(0x2C), fabric.Vf(0).Read16(0x2C));
    }

    [Fact]
    public void P011_Status_has_a_capability_list_and_no_interrupt()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        _ = fabric.Vf(0).Read32(0);
        _ = fabric.Vf(0).Read32(4);
        fabric.Factories[0].Made[0].IntxAsserted = true;
        Assert.Equal(1 << 4, fabric.Vf(0).Read16(6));
    }

    [Fact]
    public void P012_Status_error_bits_are_cleared_by_ones_and_are_separate_per_vf()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        fabric.Pf().Write16(4, CommandBits.SystemError);
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.CompleterAbort);
        Assert.Equal(StatusBits.SignaledSystemError, fabric.Vf(0).Read16(6) & StatusBits.Errors);
        Assert.Equal(0, fabric.Vf(1).Read16(6) & StatusBits.Errors);
        Assert.Equal(0, fabric.Pf().Read16(6) & StatusBits.Errors);
        fabric.Vf(0).Write16(6, 0);
        Assert.Equal(StatusBits.SignaledSystemError, fabric.Vf(0).Read16(6) & StatusBits.Errors);
        fabric.Vf(0).Write16(6, StatusBits.SignaledSystemError);
        Assert.Equal(0, fabric.Vf(0).Read16(6) & StatusBits.Errors);
    }

    [Fact]
    public void P013_Command_and_status_never_read_all_ones_while_alive()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Vf(0).Write32(4, 0x0000_FFFF);
        fabric.Device.Vf(0, 0)!.Registers.Status = StatusBits.Errors;
        Assert.NotEqual(uint.MaxValue, fabric.Vf(0).Read32(4));
        Assert.Equal((uint)(StatusBits.Errors | StatusBits.CapabilitiesList) << 16 | CommandBits.BusMaster, fabric.Vf(0).Read32(4));
    }

    [Fact]
    public void P014_Cache_line_latency_bist_and_grants_are_0()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Vf(0).Write32(0x0C, uint.MaxValue);
        fabric.Vf(0).Write32(0x3C, uint.MaxValue);
        Assert.Equal(0u, fabric.Vf(0).Read32(0x0C));
        Assert.Equal(0u, fabric.Vf(0).Read32(0x3C));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P015_Extended_capabilities_form_a_list_that_ends(bool isVf)
    {
        using Fabric fabric = new(serial: 0x0123_4567_89AB_CDEF);
        fabric.Enable(1);
        ConfigPort function = isVf ? fabric.Vf(0) : fabric.Pf();
        HashSet<int> seen = [];
        int at = 0x100;
        while (at != 0)
        {
            Assert.True(at is >= 0x100 and < 0x1000 && at % 4 == 0);
            Assert.True(seen.Add(at), "the list loops");
            uint header = function.Read32(at);
            Assert.NotEqual(0, (ushort)header);
            Assert.InRange((header >> 16) & 0xF, 1u, 2u);
            at = (int)(header >> 20);
        }

        Assert.InRange(seen.Count, 3, 8);
    }
}
