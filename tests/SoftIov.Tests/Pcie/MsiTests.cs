using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>MSI of functions (PCIe 6.1.4, 7.7.1), on the bus and for a client.</summary>
public class MsiTests
{
    private const int Count = 8;
    private const ulong Address = 0x12_FEE0_1000;
    private const ushort Data = 0x4047;
    private const int Control = 0x02;
    private const int AddressLow = 0x04;
    private const int AddressHigh = 0x08;
    private const int MessageData = 0x0C;
    private const int Mask = 0x10;
    private const int Pending = 0x14;

    [Fact]
    public void The_capability_has_64_bit_addresses_and_masks_its_vectors()
    {
        using Fabric fabric = Enabled();
        ConfigPort vf = fabric.Vf(0);
        int cap = Cap(vf);
        Assert.Equal(0x0186, vf.Read16(cap + Control));
        for (int at = 0; at < 0x18; at += 4)
            vf.Write32(cap + at, uint.MaxValue);
        Assert.Equal(0x01F7, vf.Read16(cap + Control));
        Assert.Equal(0xFFFF_FFFC, vf.Read32(cap + AddressLow));
        Assert.Equal(0xFFFF_FFFF, vf.Read32(cap + AddressHigh));
        Assert.Equal(0x0000_FFFFu, vf.Read32(cap + MessageData));
        Assert.Equal(0x0000_00FFu, vf.Read32(cap + Mask));
        Assert.Equal(0u, vf.Read32(cap + Pending));
        Assert.Equal(0, fabric.Vf(1).Read16(cap + Control) & 1);
    }

    [Theory]
    [InlineData(1, 0x0180, 0x1u)]
    [InlineData(2, 0x0182, 0x3u)]
    [InlineData(32, 0x018A, uint.MaxValue)]
    public void Vectors_show_as_a_logarithm_and_each_has_a_mask_bit(int count, int control, uint masks)
    {
        using PciFunction function = Lone(count);
        IEndpoint endpoint = function.Endpoint;
        Assert.Equal(count, endpoint.MsiVectorCount);
        int cap = endpoint.FindCapability(0x05);
        Assert.Equal(control, endpoint.Read16(cap + Control));
        endpoint.Write32(cap + Mask, uint.MaxValue);
        Assert.Equal(masks, endpoint.Read32(cap + Mask));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(int.MinValue)]
    public void Other_numbers_of_vectors_are_refused(int count) =>
        Assert.Throws<ArgumentException>(() => DescriptionRules.Check(RegisterPersonality.Describe(1, msi: count)));

    [Fact]
    public void Both_views_have_the_same_registers()
    {
        using Fabric fabric = Ready();
        ConfigPort bus = fabric.Vf(0);
        IEndpoint client = fabric.Device.Vf(0, 0)!.Endpoint;
        for (int at = 4; at < 0x18; at += 4)
            Assert.Equal(bus.Read32(Cap(bus) + at), client.Read32(client.FindCapability(0x05) + at));
        client.Write32(client.FindCapability(0x05) + Mask, 5);
        Assert.Equal(5u, bus.Read32(Cap(bus) + Mask));
        Assert.Equal(0, fabric.Device.Vf(0, 0)!.Endpoint.FindCapability(0x0D));
    }

    [Fact]
    public void P105_A_message_carries_the_vfs_routing_id_and_the_vector_in_the_low_bits_of_its_data()
    {
        using Fabric fabric = Ready();
        Fire(fabric, 1, 5);
        InterruptMessage message = Assert.Single(fabric.Signal.Messages);
        Assert.Equal((fabric.VfId(1), Address, 0x4045u), (message.Requester, message.Address, message.Data));
    }

    [Theory]
    [InlineData(0, 5, 0x4047u)]
    [InlineData(1, 5, 0x4047u)]
    [InlineData(1, 4, 0x4046u)]
    [InlineData(2, 6, 0x4046u)]
    [InlineData(3, 6, 0x4046u)]
    [InlineData(5, 7, 0x4047u)]
    [InlineData(7, 1, 0x4041u)]
    public void A_vector_that_was_not_granted_uses_one_that_was(int multipleMessageEnable, int vector, uint data)
    {
        using Fabric fabric = Ready();
        SetControl(fabric.Vf(0), (ushort)(1 | multipleMessageEnable << 4));
        Fire(fabric, 0, vector);
        Assert.Equal(data, Assert.Single(fabric.Signal.Messages).Data);
    }

    [Fact]
    public void P102_A_masked_event_is_pending_and_goes_out_once_when_unmasked()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        vf.Write32(Cap(vf) + Mask, 1 << 3);
        Fire(fabric, 0, 3);
        Fire(fabric, 0, 3);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(1u << 3, vf.Read32(Cap(vf) + Pending));
        Fire(fabric, 0, 2);
        Assert.Single(fabric.Signal.Messages);
        vf.Write32(Cap(vf) + Pending, 0);
        vf.Write32(Cap(vf) + Mask, 1 << 2);
        Assert.Equal(2, fabric.Signal.Messages.Count);
        Assert.Equal(0x4043u, fabric.Signal.Messages[1].Data);
        Assert.Equal(0u, vf.Read32(Cap(vf) + Pending));
    }

    [Fact]
    public void A_vector_that_was_not_granted_is_masked_with_the_one_it_uses()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        SetControl(vf, 1 | 1 << 4);
        vf.Write32(Cap(vf) + Mask, 1);
        Fire(fabric, 0, 6);
        Assert.Equal(1u, vf.Read32(Cap(vf) + Pending));
        Fire(fabric, 0, 7);
        Assert.Single(fabric.Signal.Messages);
    }

    [Fact]
    public void P104_Without_bus_master_messages_stay_pending()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        Fabric.BusMaster(vf, on: false);
        Fire(fabric, 0, 1);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(2u, vf.Read32(Cap(vf) + Pending));
        Fabric.BusMaster(vf);
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(0u, vf.Read32(Cap(vf) + Pending));
    }

    [Fact]
    public void P108_Address_and_data_changed_while_masked_are_sent_with_their_new_values()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        vf.Write32(Cap(vf) + Mask, 1);
        Fire(fabric, 0, 0);
        vf.Write32(Cap(vf) + AddressLow, 0xFEE0_2000);
        vf.Write32(Cap(vf) + AddressHigh, 0);
        vf.Write16(Cap(vf) + MessageData, 0x30);
        vf.Write32(Cap(vf) + Mask, 0);
        InterruptMessage message = Assert.Single(fabric.Signal.Messages);
        Assert.Equal((0xFEE0_2000ul, 0x30u), (message.Address, message.Data));
    }

    [Fact]
    public void With_msi_off_events_are_dropped_and_pending_bits_are_0()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        vf.Write32(Cap(vf) + Mask, 1);
        Fire(fabric, 0, 0);
        SetControl(vf, 0x30);
        Assert.Equal(0u, vf.Read32(Cap(vf) + Pending));
        Fire(fabric, 0, 0);
        Fire(fabric, 0, 1);
        SetControl(vf, 0x31);
        vf.Write32(Cap(vf) + Mask, 0);
        Assert.Empty(fabric.Signal.Messages);
        Fire(fabric, 0, -1);
        Fire(fabric, 0, Count);
        Assert.Empty(fabric.Signal.Messages);
    }

    [Fact]
    public void P074_No_message_of_a_vf_follows_the_end_of_VF_Enable()
    {
        using Fabric fabric = Ready();
        IFunctionServices function = fabric.Factories[0].Made[0].Function;
        fabric.Disable();
        function.Fire(0);
        Assert.Empty(fabric.Signal.Messages);
        Assert.False(function.MessagesEnabled);
    }

    [Fact]
    public void P090_A_function_level_reset_clears_all_of_it_in_one_vf()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        vf.Write32(Cap(vf) + Mask, 1);
        Fire(fabric, 0, 0);
        vf.Write16(vf.FindCapability(0x10) + 8, 1 << 15);
        Assert.Equal(0x0186, vf.Read16(Cap(vf) + Control));
        for (int at = 4; at < 0x18; at += 4)
            Assert.Equal(0u, vf.Read32(Cap(vf) + at));
        Fabric.BusMaster(vf);
        SetControl(vf, 1);
        Assert.Empty(fabric.Signal.Messages);
        Fire(fabric, 1, 0);
        Assert.Single(fabric.Signal.Messages);
    }

    [Fact]
    public void The_capability_that_is_enabled_sends()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        IFunctionServices function = fabric.Factories[0].Made[0].Function;
        Assert.True(function.MessagesEnabled);
        SetControl(vf, 0);
        Assert.False(function.MessagesEnabled);
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset), 0xFEE0_7000);
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 12), 0);
        vf.Write16(vf.FindCapability(0x11) + 2, MsixCapability.Enable);
        Assert.True(function.MessagesEnabled);
        function.Fire(0);
        Assert.Equal(0xFEE0_7000ul, Assert.Single(fabric.Signal.Messages).Address);
        vf.Write16(vf.FindCapability(0x11) + 2, 0);
        SetControl(vf, 1);
        function.Fire(0);
        Assert.Equal(Address, fabric.Signal.Messages[1].Address);
    }

    [Fact]
    public void With_a_client_a_vector_goes_to_its_sink_and_stays_pending_until_it_is_taken()
    {
        using PciFunction function = Lone(Count);
        IEndpoint endpoint = function.Endpoint;
        int cap = endpoint.FindCapability(0x05);
        TakingSink sink = new() { Takes = { 1 } };
        endpoint.Interrupts = sink;
        endpoint.Write16(4, CommandBits.BusMaster);
        endpoint.Write16(cap + Control, 1 | 3 << 4);
        function.Fire(1);
        function.Fire(2);
        Assert.Equal([1], sink.GotMsi);
        Assert.Equal(4u, endpoint.Read32(cap + Pending));
        sink.Takes.Add(2);
        endpoint.MsiConnected(2);
        endpoint.MsiConnected(2);
        endpoint.MsiConnected(-1);
        endpoint.MsiConnected(1000);
        Assert.Equal([1, 2], sink.GotMsi);
        endpoint.Write32(cap + Mask, 1 << 1);
        function.Fire(1);
        Assert.Equal([1, 2], sink.GotMsi);
        endpoint.Write32(cap + Mask, 0);
        Assert.Equal([1, 2, 1], sink.GotMsi);
        endpoint.Write16(cap + Control, 1);
        sink.Takes.Add(0);
        function.Fire(7);
        Assert.Equal([1, 2, 1, 0], sink.GotMsi);
        Assert.Empty(sink.Got);
    }

    [Fact]
    public void Msi_takes_the_place_of_the_pin()
    {
        RegisterPersonality personality = new(RegisterPersonality.Describe(1, vectors: 0, pin: 1, msi: 1)) { IntxAsserted = true };
        using PciFunction function = Lone(personality);
        IEndpoint endpoint = function.Endpoint;
        Assert.Equal((0, 0), (endpoint.MsixVectorCount, endpoint.FindCapability(0x11)));
        Assert.True(endpoint.IntxAsserted);
        endpoint.Write16(endpoint.FindCapability(0x05) + Control, 1);
        Assert.False(endpoint.IntxAsserted);
    }

    [Fact]
    public void A_gone_endpoint_connects_nothing()
    {
        PciFunction function = Lone(Count);
        function.Dispose();
        function.Endpoint.MsiConnected(0);
        function.Fire(0);
        Assert.False(function.MessagesEnabled);
    }

    /// <summary>A message never mixes an old address with new data, whatever races, when software masks as it should.</summary>
    [Fact]
    public async Task A_message_is_one_setting_as_a_whole()
    {
        using Fabric fabric = Ready();
        ConfigPort vf = fabric.Vf(0);
        int cap = Cap(vf);
        vf.Write32(cap + AddressHigh, 0);
        const int Rounds = 10_000;
        Task writer = Task.Run(() =>
        {
            for (uint i = 1; i < Rounds; i++)
            {
                vf.Write32(cap + Mask, 1);
                vf.Write32(cap + AddressLow, i << 12);
                Thread.Yield();
                vf.Write16(cap + MessageData, (ushort)(i << 3));
                vf.Write32(cap + Mask, 0);
            }
        });
        IFunctionServices function = fabric.Factories[0].Made[0].Function;
        Task Poll() => Task.Run(() =>
        {
            while (!writer.IsCompleted)
                function.Fire(0);
        });
        await Task.WhenAll(writer, Poll(), Poll(), Poll());
        Assert.NotEmpty(fabric.Signal.Messages);
        foreach (InterruptMessage message in fabric.Signal.Messages)
        {
            if (message.Address != unchecked((uint)Address))
                Assert.Equal((ushort)(message.Address >> 12 << 3), message.Data);
        }
    }

    private static Fabric Enabled()
    {
        Fabric fabric = new(msi: Count);
        fabric.Enable(2);
        return fabric;
    }

    /// <summary>Two VFs, bus masters, all vectors granted and open.</summary>
    private static Fabric Ready()
    {
        Fabric fabric = Enabled();
        for (int vf = 0; vf < 2; vf++)
        {
            ConfigPort port = fabric.Vf(vf);
            Fabric.BusMaster(port);
            port.Write32(Cap(port) + AddressLow, unchecked((uint)Address));
            port.Write32(Cap(port) + AddressHigh, (uint)(Address >> 32));
            port.Write16(Cap(port) + MessageData, Data);
            SetControl(port, 1 | 3 << 4);
        }

        return fabric;
    }

    private static PciFunction Lone(int count) => Lone(new RegisterPersonality(RegisterPersonality.Describe(1, vectors: 0, msi: count)));

    private static PciFunction Lone(RegisterPersonality personality) =>
        PciFunction.Create("lone", personality, new DmaDomain(new NoPollers(), new DmaFaultLog(8)), new NativeStateStore());

    private static void SetControl(ConfigPort function, ushort value) => function.Write16(Cap(function) + Control, value);

    private static void Fire(Fabric fabric, int vf, int vector) => fabric.Factories[0].Made[vf].Function.Fire(vector);

    private static int Cap(ConfigPort function) => function.FindCapability(0x05);
}
