using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>Functions as a VMM's client has them (decision D1): ordinary endpoints that cannot reach what belongs to the operator.</summary>
public class AssignedViewTests
{
    private const int CapabilityPointer = 0x34;

    [Fact]
    public void A_vf_is_an_ordinary_endpoint()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        IEndpoint vf = fabric.Device.Vf(0, 0)!.Endpoint;
        Assert.Equal("pf0/0", vf.Name);
        Assert.Equal((ConfigSpace.Size, RegisterPersonality.Vectors, false), (vf.ConfigSize, vf.MsixVectorCount, vf.HasIntx));
        Assert.Equal(0x0011_1B36u, vf.Read32(0));
        vf.Write32(0x10, uint.MaxValue);
        vf.Write32(0x14, uint.MaxValue);
        vf.Write32(0x18, uint.MaxValue);
        Assert.Equal((0xFFFF_C00Cu, 0xFFFF_FFFFu, 0xFFFF_F000u), (vf.Read32(0x10), vf.Read32(0x14), vf.Read32(0x18)));
        vf.Write16(4, 0xFFFF);
        Assert.Equal(CommandBits.MemorySpace | CommandBits.BusMaster | CommandBits.ParityErrorResponse | CommandBits.SystemError, vf.Read16(4));
        Assert.NotEqual(0, vf.FindCapability(0x10));
        Assert.Equal(0x2810, vf.Read16(vf.FindCapability(0x10) + 8));
        Assert.Equal([0x01], vf.ExtendedIds());

        // The fabric's view of the same VF has none of that but bus mastering.
        Assert.Equal(uint.MaxValue, fabric.Vf(0).Read32(0));
        Assert.Equal(0u, fabric.Vf(0).Read32(0x10));
        Assert.Equal(CommandBits.BusMaster, fabric.Vf(0).Read16(4));
    }

    [Fact]
    public void Flr_by_the_guest_resets_the_function()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        IEndpoint vf = fabric.Device.Vf(0, 0)!.Endpoint;
        vf.Write16(4, CommandBits.MemorySpace | CommandBits.BusMaster);
        vf.Write32(0x10, 0xABCD_0000);
        vf.WriteBar(0, 8, [1, 2, 3, 4]);
        vf.Write16(vf.FindCapability(0x11) + 2, MsixCapability.Enable);
        int control = vf.FindCapability(0x10) + 8;
        vf.Write16(control, (ushort)(vf.Read16(control) | 0x8000));
        Assert.Equal(0x2810, vf.Read16(control));
        Assert.Equal(0, vf.Read16(4));
        Assert.Equal(0xCu, vf.Read32(0x10));
        Assert.Equal(0, vf.Read16(vf.FindCapability(0x11) + 2) & 0xC000);
        byte[] register = new byte[4];
        vf.ReadBar(0, 8, register);
        Assert.Equal(new byte[4], register);
        Assert.False(vf.Dma.BusMasterEnable);
        Assert.Equal(1, fabric.Factories[0].Made[0].Resets);
        Assert.True(vf.IsPresent);
    }

    /// <summary>A VF or PF goes from tenant to tenant; what is sticky stays over resets of one of them, and not for the next (PCIe 7.4).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sticky_registers_outlive_resets_by_the_client_and_not_the_client(bool isVf)
    {
        const uint Mask = 0x0040_1000;
        using Fabric fabric = new();
        fabric.Enable(1);
        fabric.Write32(Fabric.InVf(0, 0x10), 77);
        PciFunction function = isVf ? fabric.Device.Vf(0, 0)! : fabric.Device.Engines[0].Physical;
        IEndpoint endpoint = function.Endpoint;
        byte[] atPowerOn = new byte[ConfigSpace.Size];
        endpoint.ReadConfig(0, atPowerOn);
        int express = endpoint.FindCapability(0x10);
        endpoint.Write32(0x100 + 8, Mask);
        endpoint.Write16(express + 8, 0x2830);
        endpoint.Write16(express + 0x10, 0x40);
        endpoint.Write16(express + 0x30, 1);
        endpoint.Write16(4, CommandBits.BusMaster);
        fabric.Device.LogError(function, UncorrectableError.CompleterAbort);
        foreach (Action reset in (Action[])[endpoint.Reset, () => endpoint.Write16(express + 8, 0x8030)])
        {
            reset();
            Assert.Equal((Mask, 1u << 15), (endpoint.Read32(0x108), endpoint.Read32(0x104)));
            Assert.Equal((0x2830, 0x40, 1), (endpoint.Read16(express + 8), endpoint.Read16(express + 0x10), endpoint.Read16(express + 0x30)));
        }

        endpoint.Write16(4, CommandBits.BusMaster);
        endpoint.ColdReset();
        byte[] left = new byte[ConfigSpace.Size];
        endpoint.ReadConfig(0, left);
        Assert.Equal(Convert.ToHexString(atPowerOn), Convert.ToHexString(left));
        Assert.False(endpoint.Dma.BusMasterEnable);
        Assert.True(fabric.Device.Vf(0, 0)!.IsPresent);
        Assert.Equal(isVf ? 0u : 77u, fabric.Read32(Fabric.InVf(0, 0x10)));
        Assert.Equal(CommandBits.MemorySpace, fabric.Pf().Read16(4) & CommandBits.MemorySpace);
    }

    /// <summary>
    /// The control plane owns the VFs. The PF's client sees no SR-IOV capability, and nothing it writes, its own resets and power states
    /// included, changes VF Enable, the VFs or their traffic.
    /// </summary>
    [Fact]
    public void Nothing_the_client_of_the_pf_writes_reaches_the_vfs()
    {
        using Fabric fabric = new(serial: 7);
        fabric.Enable(3);
        fabric.Write32(Fabric.InVf(2, 0x10), 77);
        Fabric.BusMaster(fabric.Vf(2));
        byte[] before = SriovBytes(fabric);
        IEndpoint pf = fabric.Device.Engines[0].Physical.Endpoint;
        Assert.Equal([0x01, 0x03], pf.ExtendedIds());
        foreach (uint value in (uint[])[0, uint.MaxValue, 0x5555_5555, 0x8000_8000, 3, 0])
        {
            for (int offset = 0; offset < pf.ConfigSize; offset += 4)
                pf.Write32(offset, value);
        }

        pf.Reset();
        Assert.NotEqual(0, fabric.Physicals[0].Resets);
        Assert.Equal(before, SriovBytes(fabric));
        Assert.Equal(77u, fabric.Read32(Fabric.InVf(2, 0x10)));
        Assert.True(fabric.Device.Vf(0, 2)!.Dma.BusMasterEnable);
        Assert.Equal(0, fabric.Factories[0].Made[2].Resets);
        Assert.Equal(Fabric.PfBar0 | 0xC, fabric.Pf().Read32(0x10) | ((ulong)fabric.Pf().Read32(0x14) << 32));
        Assert.Equal(CommandBits.MemorySpace, fabric.Pf().Read16(4) & CommandBits.MemorySpace);
    }

    [Fact]
    public void Msix_with_a_client_goes_to_its_sink_and_stays_pending_until_it_takes_it()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        IEndpoint vf = fabric.Device.Vf(0, 0)!.Endpoint;
        TakingSink sink = new();
        vf.Interrupts = sink;
        vf.Write16(4, CommandBits.BusMaster);
        vf.Write16(vf.FindCapability(0x11) + 2, MsixCapability.Enable);
        IFunctionServices function = fabric.Factories[0].Made[0].Function;
        sink.Takes.Add(1);
        function.Fire(1);
        function.Fire(2);
        Assert.Equal([1], sink.Got);
        Assert.Equal(4, Pending(vf));
        sink.Takes.Add(2);
        vf.MsixConnected(2);
        Assert.Equal([1, 2], sink.Got);
        Assert.Equal(0, Pending(vf));
        vf.MsixConnected(2);
        vf.MsixConnected(-1);
        vf.MsixConnected(1000);
        Assert.Equal([1, 2], sink.Got);
        Assert.Empty(fabric.Signal.Messages);
    }

    [Fact]
    public void Intx_follows_status_disable_bit_and_msix()
    {
        RegisterPersonality personality = new(RegisterPersonality.Describe(1, pin: 1));
        using PciFunction function = Lone(personality);
        IEndpoint endpoint = function.Endpoint;
        TakingSink sink = new();
        endpoint.Interrupts = sink;
        Assert.True(endpoint.HasIntx);
        Assert.Equal(1, endpoint.Read8(0x3D));
        personality.IntxAsserted = true;
        function.UpdateIntx();
        Assert.Equal(1, sink.Intx);
        Assert.True(endpoint.IntxAsserted);
        Assert.Equal(1 << 3, endpoint.Read16(6) & (1 << 3));
        endpoint.Write16(4, CommandBits.InterruptDisable);
        Assert.False(endpoint.IntxAsserted);
        Assert.Equal(1 << 3, endpoint.Read16(6) & (1 << 3));
        function.UpdateIntx();
        Assert.Equal(1, sink.Intx);
        endpoint.Write16(4, 0);
        Assert.Equal(2, sink.Intx);
        endpoint.Write16(endpoint.FindCapability(0x11) + 2, MsixCapability.Enable);
        Assert.False(endpoint.IntxAsserted);
    }

    [Fact]
    public void A_gone_endpoint_reads_ones_and_takes_nothing()
    {
        RegisterPersonality personality = new(RegisterPersonality.Describe(1, pin: 1));
        PciFunction function = Lone(personality);
        IEndpoint endpoint = function.Endpoint;
        int gone = 0;
        endpoint.Gone += () => gone++;
        function.Dispose();
        function.Dispose();
        Assert.Equal((1, 1, 1), (gone, personality.Resets, personality.Disposals));
        Assert.False(endpoint.IsPresent);
        Assert.Equal(uint.MaxValue, endpoint.Read32(0));
        byte[] bytes = new byte[4];
        endpoint.ReadBar(0, 0, bytes);
        Assert.Equal("FFFFFFFF", Convert.ToHexString(bytes));
        endpoint.WriteBar(0, 0, bytes);
        endpoint.Write32(4, uint.MaxValue);
        endpoint.Reset();
        endpoint.ColdReset();
        endpoint.MsixConnected(0);
        endpoint.Interrupts = new TakingSink();
        Assert.Null(endpoint.Interrupts);
        Assert.False(endpoint.IntxAsserted);
        function.Fire(0);
        function.UpdateIntx();
        Assert.False(function.MessagesEnabled);
        Assert.Equal(1, personality.Resets);
    }

    [Fact]
    public void Bytes_outside_configuration_space_read_ones_and_swallow_writes()
    {
        using PciFunction function = Lone(new RegisterPersonality(RegisterPersonality.Describe(1)));
        byte[] bytes = new byte[8];
        function.Endpoint.ReadConfig(ConfigSpace.Size - 4, bytes);
        Assert.Equal("00000000FFFFFFFF", Convert.ToHexString(bytes));
        function.Endpoint.WriteConfig(ConfigSpace.Size - 4, bytes);
        function.Endpoint.ReadBar(1, 0, bytes);
        function.Endpoint.ReadBar(0, ulong.MaxValue - 3, bytes);
        function.Endpoint.WriteBar(0, ulong.MaxValue - 3, bytes);
        function.Endpoint.WriteBar(0, RegisterPersonality.Bar0Size - 4, bytes);
        function.Endpoint.ReadBar(0, RegisterPersonality.Bar0Size - 4, bytes.AsSpan(0, 4));
        Assert.Equal("00000000", Convert.ToHexString(bytes.AsSpan(0, 4)));
    }

    [Fact]
    public void The_capability_list_of_a_lone_endpoint_is_well_formed()
    {
        using PciFunction function = Lone(new RegisterPersonality(RegisterPersonality.Describe(1)));
        Assert.Equal(0x40, function.Endpoint.Read8(CapabilityPointer));
        Assert.NotEqual(0, function.Endpoint.FindCapability(0x01));
        Assert.NotEqual(0, function.Endpoint.FindCapability(0x10));
        Assert.NotEqual(0, function.Endpoint.FindCapability(0x11));
        Assert.Equal(0, function.Endpoint.FindCapability(0x05));
    }

    private static PciFunction Lone(RegisterPersonality personality) =>
        PciFunction.Create("lone", personality, new DmaDomain(new NoPollers(), new DmaFaultLog(8)), new NativeStateStore());

    private static byte[] SriovBytes(Fabric fabric)
    {
        byte[] bytes = new byte[SriovOffsets.Length];
        fabric.Device.Engines[0].Physical.FabricConfig.Read(fabric.Sriov(), bytes);
        return bytes;
    }

    private static int Pending(IEndpoint endpoint)
    {
        byte[] bytes = new byte[8];
        endpoint.ReadBar(0, RegisterPersonality.PendingOffset, bytes);
        return bytes[0];
    }
}
