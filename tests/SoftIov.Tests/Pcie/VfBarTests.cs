using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>VF BARs and the memory they decode (PCIe 9.3.3.14).</summary>
public class VfBarTests
{
    private const uint LowMask = 0xFFFF_C000;

    [Fact]
    public void P050_Sizing_gives_the_mask_of_one_aperture()
    {
        using Fabric fabric = new(300);
        BarDescription[] bars = fabric.Pf().SizeBars(fabric.Sriov() + SriovOffsets.VfBars);
        Assert.Equal(new BarDescription(BarKind.Memory64Prefetchable, RegisterPersonality.Bar0Size), bars[0]);
        Assert.Equal(new BarDescription(BarKind.Memory32, RegisterPersonality.Bar2Size), bars[2]);
        Assert.All([1, 3, 4, 5], i => Assert.Equal(default, bars[i]));
    }

    [Fact]
    public void P051_Apertures_are_no_smaller_than_the_system_page()
    {
        using Fabric fabric = new();
        int bars = fabric.Sriov() + SriovOffsets.VfBars;
        fabric.Pf().Write32(fabric.Sriov() + SriovOffsets.SystemPageSize, 0x10);
        BarDescription[] large = fabric.Pf().SizeBars(bars);
        Assert.Equal((0x1_0000ul, 0x1_0000ul), (large[0].Size, large[2].Size));
        fabric.Enable(2);
        Assert.True(fabric.Write32(Fabric.InVf(1, 8, 0x1_0000), 0x1234));
        Assert.Equal(0x1234u, fabric.Read32(Fabric.InVf(1, 8, 0x1_0000)));

        // The rest of an aperture decodes, and holds nothing.
        Assert.True(fabric.Write32(Fabric.InVf(1, 0x8000, 0x1_0000), 0x1234));
        Assert.Equal(0u, fabric.Read32(Fabric.InVf(1, 0x8000, 0x1_0000)));
        fabric.Disable();
        fabric.Pf().Write32(fabric.Sriov() + SriovOffsets.SystemPageSize, 1);
        BarDescription[] small = fabric.Pf().SizeBars(bars);
        Assert.Equal((0x4000ul, 0x1000ul), (small[0].Size, small[2].Size));
    }

    [Fact]
    public void P052_The_upper_half_of_a_64_bit_bar_takes_all_bits_and_the_type_none()
    {
        using Fabric fabric = new();
        int bars = fabric.Sriov() + SriovOffsets.VfBars;
        fabric.Pf().Write32(bars, uint.MaxValue);
        fabric.Pf().Write32(bars + 4, uint.MaxValue);
        Assert.Equal(LowMask | 0xC, fabric.Pf().Read32(bars));
        Assert.Equal(uint.MaxValue, fabric.Pf().Read32(bars + 4));
        fabric.Pf().Write32(bars, 0);
        Assert.Equal(0xCu, fabric.Pf().Read32(bars));
    }

    [Fact]
    public void P053_No_vf_bar_is_an_io_bar()
    {
        using Fabric fabric = new();
        for (int bar = 0; bar < 6; bar++)
        {
            int at = fabric.Sriov() + SriovOffsets.VfBars + 4 * bar;
            uint old = fabric.Pf().Read32(at);
            fabric.Pf().Write32(at, 1);
            Assert.Equal(bar == 1 ? 1u : 0u, fabric.Pf().Read32(at) & 1);
            fabric.Pf().Write32(at, old);
        }
    }

    [Fact]
    public void P054_Each_vf_decodes_its_own_aperture()
    {
        using Fabric fabric = new(300);
        fabric.Enable(300);
        for (int vf = 0; vf < 300; vf++)
        {
            Assert.True(fabric.Write32(Fabric.InVf(vf, 0x10), (uint)vf + 1));
            Assert.True(fabric.Write32(Fabric.VfBar2 + (ulong)vf * 0x1000, (uint)vf + 1000));
        }

        for (int vf = 0; vf < 300; vf++)
        {
            Assert.Equal((uint)vf + 1, fabric.Read32(Fabric.InVf(vf, 0x10)));
            Assert.Equal((uint)vf + 1000, fabric.Read32(Fabric.VfBar2 + (ulong)vf * 0x1000));
            byte[] seen = new byte[4];
            fabric.Device.Vf(0, vf)!.Endpoint.ReadBar(0, 0x10, seen);
            Assert.Equal((uint)vf + 1, BitConverter.ToUInt32(seen));
        }
    }

    [Fact]
    public void P055_Apertures_beyond_NumVFs_are_unsupported_requests()
    {
        using Fabric fabric = new(8);
        fabric.Enable(3);
        Assert.True(fabric.Write32(Fabric.InVf(2), 1));
        Assert.False(fabric.Write32(Fabric.InVf(3), 1));
        Assert.Equal(uint.MaxValue, fabric.Read32(Fabric.InVf(3)));
        Assert.Equal(uint.MaxValue, fabric.Read32(Fabric.InVf(7)));
        Assert.False(fabric.Write32(Fabric.InVf(0) - 4, 1));

        // Nor does one access reach into two VFs.
        Assert.False(fabric.Complex.WriteMemory(Fabric.InVf(1) - 2, new byte[4]));
        Assert.Equal(0u, fabric.Read32(Fabric.InVf(1)));
    }

    [Fact]
    public void P056_Without_VF_MSE_memory_is_closed_and_configuration_open()
    {
        using Fabric fabric = new();
        fabric.Enable(2, memory: false);
        Assert.False(fabric.Write32(Fabric.InVf(0), 1));
        Assert.Equal(uint.MaxValue, fabric.Read32(Fabric.InVf(1)));
        Assert.True(fabric.Answers(fabric.VfId(1)));
        fabric[SriovOffsets.Control] |= SriovControlBits.VfMemorySpaceEnable;
        Assert.True(fabric.Write32(Fabric.InVf(0), 1));
    }

    [Fact]
    public void P057_Memory_enable_of_the_pf_does_not_matter()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Pf().Write16(4, 0);
        Assert.False(fabric.Write32(Fabric.PfBar0, 1));
        Assert.True(fabric.Write32(Fabric.InVf(0), 7));
        Assert.Equal(7u, fabric.Read32(Fabric.InVf(0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void P058_A_base_need_only_be_a_multiple_of_the_aperture(int multiple)
    {
        using Fabric fabric = new();
        ulong address = Fabric.VfBar0 + (ulong)multiple * RegisterPersonality.Bar0Size;
        fabric.Pf().WriteBar(fabric.Sriov() + SriovOffsets.VfBars, 0, BarKind.Memory64Prefetchable, address);
        fabric.Enable(8);
        Assert.False(fabric.Write32(address - 4, 1));
        Assert.True(fabric.Write32(address + 7 * RegisterPersonality.Bar0Size, 1));
        Assert.False(fabric.Write32(address + 8 * RegisterPersonality.Bar0Size, 1));
    }

    [Fact]
    public void P059_A_bar_moved_while_memory_was_off_decodes_at_its_new_base()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        fabric.Write32(Fabric.InVf(1, 4), 99);
        fabric[SriovOffsets.Control] &= unchecked((ushort)~SriovControlBits.VfMemorySpaceEnable);
        long errors = fabric.Device.SoftwareErrors;
        fabric.Pf().WriteBar(fabric.Sriov() + SriovOffsets.VfBars, 0, BarKind.Memory64Prefetchable, Fabric.VfBar0 + 0x10_0000);
        Assert.Equal(errors, fabric.Device.SoftwareErrors);
        fabric[SriovOffsets.Control] |= SriovControlBits.VfMemorySpaceEnable;
        Assert.Equal(99u, fabric.Read32(Fabric.InVf(1, 4) + 0x10_0000));
        Assert.False(fabric.Write32(Fabric.InVf(1, 4), 1));

        // With memory on it is a software error, counted, and moves all the same.
        fabric.Pf().Write32(fabric.Sriov() + SriovOffsets.VfBars, unchecked((uint)Fabric.VfBar0));
        Assert.Equal(errors + 1, fabric.Device.SoftwareErrors);
        Assert.Equal(99u, fabric.Read32(Fabric.InVf(1, 4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void P060_A_base_above_4_GiB_may_be_written_in_either_order(bool highFirst)
    {
        using Fabric fabric = new();
        const ulong Address = 0x7F_8000_0000;
        int low = fabric.Sriov() + SriovOffsets.VfBars;
        if (highFirst)
            fabric.Pf().Write32(low + 4, (uint)(Address >> 32));
        fabric.Pf().Write32(low, unchecked((uint)Address));
        if (!highFirst)
            fabric.Pf().Write32(low + 4, (uint)(Address >> 32));
        fabric.Enable(8);
        Assert.True(fabric.Write32(Address + 7 * RegisterPersonality.Bar0Size, 5));
        Assert.Equal(5u, fabric.Read32(Address + 7 * RegisterPersonality.Bar0Size));
    }
}
