using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>Registers of the SR-IOV capability (PCIe 9.3.3).</summary>
public class SriovCapabilityTests
{
    private const ushort Running = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;

    [Fact]
    public void P030_Header_has_id_10_version_1()
    {
        using Fabric fabric = new();
        Assert.Equal(0x1_0010u, fabric.Pf().Read32(fabric.Sriov()) & 0xF_FFFF);
    }

    [Fact]
    public void P031_No_vf_has_the_capability()
    {
        using Fabric fabric = new();
        fabric.Enable(8);
        for (int vf = 0; vf < 8; vf++)
            Assert.Equal(0, fabric.Vf(vf).FindExtended(0x10));
        Assert.DoesNotContain((ushort)0x10, fabric.Device.Vf(0, 0)!.Endpoint.ExtendedIds());
    }

    [Fact]
    public void P032_Vf_migration_reads_0()
    {
        using Fabric fabric = new();
        fabric[SriovOffsets.Control] = 1 << 1 | 1 << 2;
        Assert.Equal(0u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.Capabilities) & ~2u);
        Assert.Equal(0u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.Control) & 0xFFFF_0006);
        fabric.Pf().Write32(fabric.Sriov() + SriovOffsets.VfMigrationStateArray, uint.MaxValue);
        Assert.Equal(0u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.VfMigrationStateArray));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(65535)]
    public void P033_InitialVFs_is_TotalVFs(int totalVfs)
    {
        using Fabric fabric = new(totalVfs);
        Assert.Equal(totalVfs, fabric[SriovOffsets.TotalVfs]);
        Assert.Equal(totalVfs, fabric[SriovOffsets.InitialVfs]);
    }

    [Theory]
    [InlineData(SriovOffsets.Capabilities)]
    [InlineData(SriovOffsets.InitialVfs)]
    [InlineData(SriovOffsets.FirstVfOffset)]
    [InlineData(0x18)]
    [InlineData(SriovOffsets.SupportedPageSizes)]
    public void P034_Constants_ignore_writes(int register)
    {
        using Fabric fabric = new();
        int at = fabric.Sriov() + register;
        uint before = fabric.Pf().Read32(at);
        fabric.Pf().Write32(at, ~before);
        Assert.Equal(before, fabric.Pf().Read32(at));
        fabric.Pf().Write32(at, 0);
        Assert.Equal(before, fabric.Pf().Read32(at));
    }

    [Fact]
    public void P035_NumVFs_is_read_only_while_VF_Enable_is_set()
    {
        using Fabric fabric = new();
        fabric[SriovOffsets.NumVfs] = 3;
        Assert.Equal(3, fabric[SriovOffsets.NumVfs]);
        fabric.Enable(3);
        fabric[SriovOffsets.NumVfs] = 5;
        Assert.Equal(3, fabric[SriovOffsets.NumVfs]);
        fabric.Disable();
        fabric[SriovOffsets.NumVfs] = 5;
        Assert.Equal(5, fabric[SriovOffsets.NumVfs]);
    }

    [Fact]
    public void P036_VF_Enable_stays_0_with_NumVFs_beyond_TotalVFs()
    {
        using Fabric fabric = new(8);
        long errors = fabric.Device.SoftwareErrors;
        fabric.Enable(9);
        Assert.Equal(9, fabric[SriovOffsets.NumVfs]);
        Assert.Equal(SriovControlBits.VfMemorySpaceEnable, fabric[SriovOffsets.Control] & Running);
        Assert.False(fabric.Answers(fabric.VfId(0)));
        Assert.False(fabric.Answers(fabric.VfId(8)));
        Assert.Equal(errors + 1, fabric.Device.SoftwareErrors);
        fabric.Enable(8);
        Assert.True(fabric.Answers(fabric.VfId(7)));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(0x10, true)]
    [InlineData(0x40, true)]
    [InlineData(0x100, true)]
    [InlineData(0x400, true)]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(0x553, false)]
    [InlineData(4, false)]
    [InlineData(8, false)]
    [InlineData(0x800, false)]
    [InlineData(0x8000_0000, false)]
    public void P037_System_Page_Size_takes_any_one_supported_bit(uint value, bool isTaken)
    {
        using Fabric fabric = new();
        int at = fabric.Sriov() + SriovOffsets.SystemPageSize;
        Assert.Equal(1u, fabric.Pf().Read32(at));
        fabric.Pf().Write32(at, 0x10);
        long errors = fabric.Device.SoftwareErrors;
        fabric.Pf().Write32(at, value);
        Assert.Equal(isTaken ? value : 0x10, fabric.Pf().Read32(at));
        Assert.Equal(isTaken ? errors : errors + 1, fabric.Device.SoftwareErrors);
    }

    [Fact]
    public void P038_System_Page_Size_is_locked_while_VF_Enable_is_set()
    {
        using Fabric fabric = new();
        int at = fabric.Sriov() + SriovOffsets.SystemPageSize;
        fabric.Enable(1);
        fabric.Pf().Write32(at, 0x10);
        Assert.Equal(1u, fabric.Pf().Read32(at));
        fabric.Disable();
        fabric.Pf().Write32(at, 0x10);
        Assert.Equal(0x10u, fabric.Pf().Read32(at));
    }

    [Fact]
    public void P039_The_six_required_page_sizes_are_supported()
    {
        using Fabric fabric = new();
        Assert.Equal(0x553u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.SupportedPageSizes) & 0x553);
    }

    [Fact]
    public void P040_The_ari_bit_belongs_to_the_lowest_pf()
    {
        using Fabric fabric = new(physicals: 2, ari: false);
        fabric[SriovOffsets.Control, 1] = SriovControlBits.AriCapableHierarchy;
        Assert.Equal(0, fabric[SriovOffsets.Control, 1]);
        Assert.Equal(0, fabric[SriovOffsets.Control]);
        fabric[SriovOffsets.Control] = SriovControlBits.AriCapableHierarchy;
        Assert.Equal(SriovControlBits.AriCapableHierarchy, fabric[SriovOffsets.Control]);
        Assert.Equal(0, fabric[SriovOffsets.Control, 1]);

        // ARI Capable Hierarchy Preserved likewise.
        Assert.Equal(2u, fabric.Pf().Read32(fabric.Sriov() + SriovOffsets.Capabilities));
        Assert.Equal(0u, fabric.Pf(1).Read32(fabric.Sriov(1) + SriovOffsets.Capabilities));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void P041_The_ari_bit_is_locked_while_any_pf_has_vfs(int enabling)
    {
        using Fabric fabric = new(physicals: 2);
        fabric.Enable(1, enabling);
        ushort control = fabric[SriovOffsets.Control];
        fabric[SriovOffsets.Control] = (ushort)(control & ~SriovControlBits.AriCapableHierarchy);
        Assert.NotEqual(0, fabric[SriovOffsets.Control] & SriovControlBits.AriCapableHierarchy);
        fabric.Disable(enabling);
        fabric[SriovOffsets.Control] = 0;
        Assert.Equal(0, fabric[SriovOffsets.Control]);
    }

    [Theory]
    [InlineData(1, 64, true)]
    [InlineData(1, 64, false)]
    [InlineData(1, 600, true)]
    [InlineData(1, 600, false)]
    [InlineData(2, 40, true)]
    [InlineData(2, 40, false)]
    [InlineData(8, 20, true)]
    [InlineData(8, 20, false)]
    public void P042_Routing_ids_are_unique_for_every_NumVFs(int physicals, int totalVfs, bool ari)
    {
        using Fabric fabric = new(totalVfs, physicals, ari: ari);
        for (int numVfs = 1; numVfs <= totalVfs; numVfs++)
        {
            HashSet<ushort> ids = [.. Enumerable.Range(0, physicals).Select(pf => fabric.Pf(pf).Id.Value)];
            for (int pf = 0; pf < physicals; pf++)
            {
                fabric[SriovOffsets.NumVfs, pf] = (ushort)numVfs;
                ushort offset = fabric[SriovOffsets.FirstVfOffset, pf];
                ushort stride = fabric[SriovOffsets.VfStride, pf];
                Assert.NotEqual(0, offset);
                Assert.True(stride != 0 || numVfs == 1);
                for (int vf = 0; vf < numVfs; vf++)
                    Assert.True(ids.Add((ushort)(fabric.Pf(pf).Id.Value + offset + vf * stride)), $"{numVfs} VFs, PF {pf}, VF {vf}");
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void P042_Routing_ids_of_pfs_with_different_NumVFs_are_unique(int physicals)
    {
        foreach (bool ari in (bool[])[true, false])
        {
            foreach (int few in (int[])[1, 2, 3])
            {
                HashSet<ushort> ids = [.. Enumerable.Range(0, physicals).Select(pf => (ushort)pf)];
                for (int pf = 0; pf < physicals; pf++)
                {
                    int numVfs = pf % 2 == 0 ? few : 100;
                    VfRouting routing = VfRouting.For(physicals, numVfs, ari);
                    Assert.All(Enumerable.Range(0, numVfs), vf => Assert.True(ids.Add((ushort)(pf + routing.Distance(vf)))));
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P043_Without_NumVFs_offset_and_stride_are_those_of_TotalVFs(bool ari)
    {
        using Fabric fabric = new(300, ari: ari);
        fabric[SriovOffsets.NumVfs] = 300;
        (ushort offset, ushort stride) = (fabric[SriovOffsets.FirstVfOffset], fabric[SriovOffsets.VfStride]);
        fabric[SriovOffsets.NumVfs] = 0;
        Assert.Equal((offset, stride), (fabric[SriovOffsets.FirstVfOffset], fabric[SriovOffsets.VfStride]));
        Assert.Equal((ari ? 1 : 0x100, 1), (offset, stride));
        fabric[SriovOffsets.NumVfs] = 7;
        Assert.Equal((1, 1), (fabric[SriovOffsets.FirstVfOffset], fabric[SriovOffsets.VfStride]));
    }

    [Fact]
    public void P044_Function_Dependency_Link_is_the_pf_itself()
    {
        using Fabric fabric = new(physicals: 3);
        for (int pf = 0; pf < 3; pf++)
        {
            fabric.Pf(pf).Write32(fabric.Sriov(pf) + SriovOffsets.NumVfs, 0xFFFF_0000);
            Assert.Equal(pf, fabric.Pf(pf).Read8(fabric.Sriov(pf) + SriovOffsets.FunctionDependencyLink));
        }
    }

    [Fact]
    public void P045_Reserved_fields_read_0()
    {
        using Fabric fabric = new();
        Assert.Equal(0, fabric.Pf().Read16(fabric.Sriov() + 0x18));
        Assert.Equal(0, fabric.Pf().Read8(fabric.Sriov() + 0x13));
    }

    [Fact]
    public void P046_Narrow_accesses_behave_as_wide_ones()
    {
        using Fabric wide = new();
        using Fabric narrow = new();
        (int Register, uint Value)[] writes =
        [
            (SriovOffsets.NumVfs, 0x0000_0005), (SriovOffsets.SystemPageSize, 0x10), (SriovOffsets.VfBars, 0x8765_4321),
            (SriovOffsets.VfBars + 4, 0x55), (SriovOffsets.VfBars + 8, 0xABCD_EF01), (SriovOffsets.Control, 0x0000_0019),
            (SriovOffsets.NumVfs, 0x0000_0003),
        ];
        foreach ((int register, uint value) in writes)
        {
            wide.Pf().Write32(wide.Sriov() + register, value);
            narrow.Complex.Write(narrow.Pf().Id, narrow.Sriov() + register, 1, value & 0xFF);
            narrow.Complex.Write(narrow.Pf().Id, narrow.Sriov() + register + 1, 1, (value >> 8) & 0xFF);
            narrow.Pf().Write16(narrow.Sriov() + register + 2, (ushort)(value >> 16));
        }

        for (int register = 0; register < SriovOffsets.Length; register += 4)
        {
            int at = wide.Sriov() + register;
            uint expected = wide.Pf().Read32(at);
            uint words = narrow.Pf().Read16(at) | ((uint)narrow.Pf().Read16(at + 2) << 16);
            uint bytes = 0;
            for (int lane = 0; lane < 4; lane++)
                bytes |= (uint)narrow.Pf().Read8(at + lane) << (8 * lane);
            Assert.Equal((expected, expected), (words, bytes));
        }

        Assert.True(narrow.Answers(narrow.VfId(4)));
    }

    [Fact]
    public void P047_Writing_ones_to_Status_next_to_Control_changes_only_Control()
    {
        using Fabric fabric = new();
        fabric[SriovOffsets.NumVfs] = 1;
        int at = fabric.Sriov() + SriovOffsets.Control;
        fabric.Pf().Write32(at, 0xFFFF_0000 | Running);
        Assert.Equal(Running, fabric.Pf().Read32(at));
        fabric.Pf().Write16(at + 2, 0xFFFF);
        Assert.Equal(Running, fabric.Pf().Read32(at));
    }

    [Fact]
    public void A_pf_without_vfs_has_no_capability()
    {
        using Fabric fabric = new(totalVfs: 0);
        Assert.Equal(0, fabric.Sriov());
        Assert.Equal(0, fabric.Pf().FindExtended(0x0D));
        Assert.False(fabric.Answers(new RequesterId(0x0101)));
    }
}
