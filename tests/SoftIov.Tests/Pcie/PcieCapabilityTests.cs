using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>PCI Express capability of PF and VF (PCIe 7.5.3, 9.3.5).</summary>
public class PcieCapabilityTests
{
    private const int DeviceCapabilities = 0x04;
    private const int DeviceControl = 0x08;
    private const int DeviceStatus = 0x0A;
    private const int LinkControl = 0x10;
    private const int DeviceControl2 = 0x28;
    private const int LinkControl2 = 0x30;
    private const ushort FunctionLevelReset = 1 << 15;

    [Fact]
    public void P020_Vf_is_capable_of_function_level_reset()
    {
        using Fabric fabric = Enabled();
        Assert.NotEqual(0u, fabric.Vf(0).Read32(Express(fabric.Vf(0)) + DeviceCapabilities) & (1u << 28));
    }

    [Fact]
    public void P021_Neither_pf_nor_vf_has_phantom_functions()
    {
        using Fabric fabric = Enabled();
        Assert.Equal(0u, fabric.Pf().Read32(Express(fabric.Pf()) + DeviceCapabilities) & 0x18);
        Assert.Equal(0u, fabric.Vf(0).Read32(Express(fabric.Vf(0)) + DeviceCapabilities) & 0x18);
        int control = Express(fabric.Pf()) + DeviceControl;
        fabric.Pf().Write16(control, 1 << 9);
        Assert.Equal(0, fabric.Pf().Read16(control) & (1 << 9));
    }

    [Fact]
    public void P022_Vf_device_control_reads_0_after_all_ones()
    {
        using Fabric fabric = Enabled();
        int control = Express(fabric.Vf(0)) + DeviceControl;
        fabric.Vf(0).Write16(control, 0x7FFF);
        Assert.Equal(0, fabric.Vf(0).Read16(control));
        fabric.Vf(0).Write16(control, FunctionLevelReset);
        Assert.Equal(0, fabric.Vf(0).Read16(control));
        Assert.Equal(1, fabric.Factories[0].Made[0].Resets);
    }

    /// <summary>
    /// There are no packets here whose size could follow the PF's Max_Payload_Size or Max_Read_Request_Size: what of the rule software can
    /// see is that a VF has no such fields of its own, that they do not disturb the PF's, and that a long DMA arrives whole.
    /// </summary>
    [Fact]
    public void P023_Payload_and_read_request_size_are_the_pfs()
    {
        using Fabric fabric = Enabled();
        int control = Express(fabric.Pf()) + DeviceControl;
        fabric.Pf().Write16(control, 1 << 5 | 1 << 12);
        fabric.Vf(0).Write16(Express(fabric.Vf(0)) + DeviceControl, 3 << 5 | 5 << 12);
        Assert.Equal(1 << 5 | 1 << 12, fabric.Pf().Read16(control));
        Assert.Equal(0, fabric.Vf(0).Read16(Express(fabric.Vf(0)) + DeviceControl));

        DmaDomain dma = fabric.Device.Vf(0, 0)!.Dma;
        using NativeHostMemory memory = new(0x1_0000);
        dma.Map(0x10_0000, 0x1_0000, DmaAccess.Read | DmaAccess.Write, memory, 0);
        Fabric.BusMaster(fabric.Vf(0));
        byte[] sent = new byte[0x1_0000];
        new Random(1).NextBytes(sent);
        Assert.True(dma.TryWrite(0x10_0000, sent));
        Assert.True(memory.Bytes.SequenceEqual(sent));
    }

    [Fact]
    public void P024_Vf_link_control_ignores_writes()
    {
        using Fabric fabric = Enabled();
        int link = Express(fabric.Vf(0)) + LinkControl;
        fabric.Vf(0).Write16(link, 0xFFFF);
        Assert.Equal(0u, fabric.Vf(0).Read32(link));
        fabric.Pf().Write16(Express(fabric.Pf()) + LinkControl, 0x40);
        Assert.Equal(0x40, fabric.Pf().Read16(Express(fabric.Pf()) + LinkControl));
        Assert.Equal(0u, fabric.Vf(0).Read32(link));
        Assert.Equal(fabric.Pf().Read32(Express(fabric.Pf()) + 0x0C), fabric.Vf(0).Read32(Express(fabric.Vf(0)) + 0x0C));
    }

    [Fact]
    public void P025_Vf_device_status_is_cleared_by_ones_and_its_own()
    {
        using Fabric fabric = Enabled();
        int status = Express(fabric.Vf(0)) + DeviceStatus;
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.UnsupportedRequest);
        Assert.Equal(0b1010, fabric.Vf(0).Read16(status));
        Assert.Equal(0, fabric.Vf(1).Read16(status));
        Assert.Equal(0, fabric.Pf().Read16(Express(fabric.Pf()) + DeviceStatus));
        fabric.Vf(0).Write16(status, 0b1000);
        Assert.Equal(0b0010, fabric.Vf(0).Read16(status));
    }

    [Fact]
    public void P026_Transactions_pending_is_the_vfs_own()
    {
        using Fabric fabric = Enabled();
        int status = Express(fabric.Vf(0)) + DeviceStatus;
        _ = fabric.Vf(1).Read16(status);
        _ = fabric.Vf(0).Read16(status);
        fabric.Factories[0].Made[0].TransactionsPending = true;
        Assert.Equal(1 << 5, fabric.Vf(0).Read16(status));
        Assert.Equal(0, fabric.Vf(1).Read16(status));
        Assert.Equal(0, fabric.Pf().Read16(Express(fabric.Pf()) + DeviceStatus));
        fabric.Vf(0).Write16(status, 0xFFFF);
        Assert.Equal(1 << 5, fabric.Vf(0).Read16(status));
        fabric.Factories[0].Made[0].TransactionsPending = false;
        Assert.Equal(0, fabric.Vf(0).Read16(status));
    }

    [Fact]
    public void P027_Vf_device_control_2_and_link_control_2_ignore_writes()
    {
        using Fabric fabric = Enabled();
        int express = Express(fabric.Vf(0));
        fabric.Vf(0).Write16(express + DeviceControl2, 0xFFFF);
        fabric.Vf(0).Write16(express + LinkControl2, 0xFFFF);
        Assert.Equal(0, fabric.Vf(0).Read16(express + DeviceControl2));
        Assert.Equal(0, fabric.Vf(0).Read16(express + LinkControl2));
        fabric.Pf().Write16(Express(fabric.Pf()) + DeviceControl2, 0xFFFF);
        Assert.Equal(0x10, fabric.Pf().Read16(Express(fabric.Pf()) + DeviceControl2));
    }

    /// <summary>What is reserved in a VF on the bus is not a back door to what its client set.</summary>
    [Fact]
    public void P027_Writes_from_the_bus_do_not_reach_what_the_client_of_a_vf_set()
    {
        using Fabric fabric = Enabled();
        IEndpoint client = fabric.Device.Vf(0, 0)!.Endpoint;
        int inClient = client.FindCapability(0x10);
        int onBus = Express(fabric.Vf(0));
        byte[] before = new byte[0x3C];
        client.ReadConfig(inClient, before);
        for (int register = 4; register < 0x3C; register += 2)
            fabric.Vf(0).Write16(onBus + register, register == DeviceControl ? (ushort)0x7FFF : ushort.MaxValue);
        byte[] after = new byte[0x3C];
        client.ReadConfig(inClient, after);
        Assert.Equal(before, after);
    }

    [Fact]
    public void P028_Capability_is_version_2_of_an_endpoint()
    {
        using Fabric fabric = Enabled();
        Assert.Equal(2, fabric.Pf().Read16(Express(fabric.Pf()) + 2) & 0xFF);
        Assert.Equal(2, fabric.Vf(0).Read16(Express(fabric.Vf(0)) + 2) & 0xFF);
    }

    private static Fabric Enabled()
    {
        Fabric fabric = new();
        fabric.Enable(2);
        return fabric;
    }

    private static int Express(ConfigPort function) => function.FindCapability(0x10);
}
