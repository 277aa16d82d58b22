using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>MSI-X of VFs on the bus (PCIe 6.1.4, 7.7.2).</summary>
public class MsixTests
{
    private const ulong Address = 0xFEE0_1000;
    private const uint Data = 0x4041;

    [Fact]
    public void P100_The_table_lies_in_a_vf_bar()
    {
        using Fabric fabric = Enabled();
        ConfigPort vf = fabric.Vf(0);
        int cap = Cap(vf);
        Assert.Equal(RegisterPersonality.Vectors - 1, vf.Read16(cap + 2));
        Assert.Equal(RegisterPersonality.TableOffset | 0u, vf.Read32(cap + 4));
        Assert.Equal(RegisterPersonality.PendingOffset | 0u, vf.Read32(cap + 8));
        vf.Write32(cap + 4, uint.MaxValue);
        vf.Write32(cap + 8, uint.MaxValue);
        vf.Write16(cap + 2, 0x07FF);
        Assert.Equal(RegisterPersonality.Vectors - 1, vf.Read16(cap + 2));
        Assert.Equal(RegisterPersonality.TableOffset | 0u, vf.Read32(cap + 4));
        Assert.Equal(RegisterPersonality.PendingOffset | 0u, vf.Read32(cap + 8));
        Assert.Equal(BarKind.Memory64Prefetchable, fabric.Pf().SizeBars(fabric.Sriov() + SriovOffsets.VfBars)[0].Kind);
    }

    [Theory]
    [InlineData(129, 0x2000, 0x3000, 0)]
    [InlineData(4, 0x2004, 0x3000, 0)]
    [InlineData(4, 0x3FE0, 0x3000, 0)]
    [InlineData(4, 0x2000, 0x2038, 0)]
    [InlineData(4, 0x2000, 0x3000, 1)]
    [InlineData(4, 0x2000, 0x3000, 6)]
    public void P100_A_description_whose_table_has_no_place_is_refused(int vectors, uint table, uint pending, int bar)
    {
        PersonalityDescription description = RegisterPersonality.Describe(1) with
        {
            MsixVectorCount = vectors, MsixTableOffset = table, MsixPbaOffset = pending, MsixBar = bar,
        };
        Assert.ThrowsAny<ArgumentException>(() => DescriptionRules.Check(description));
    }

    [Fact]
    public void P101_All_vectors_are_masked_after_VF_Enable_and_after_flr()
    {
        using Fabric fabric = Enabled();
        Assert.All(Vectors(), v => Assert.Equal(1u, fabric.Read32(Entry(0, v) + 12)));
        Assert.All(Vectors(), v => Open(fabric, 0, v));
        Assert.All(Vectors(), v => Assert.Equal(0u, fabric.Read32(Entry(0, v) + 12)));
        fabric.Vf(0).Write16(fabric.Vf(0).FindCapability(0x10) + 8, 1 << 15);
        Assert.All(Vectors(), v => Assert.Equal(1u, fabric.Read32(Entry(0, v) + 12)));
        Assert.All(Vectors(), v => Assert.Equal(0u, fabric.Read32(Entry(0, v))));
    }

    [Fact]
    public void P102_A_masked_event_is_pending_and_goes_out_once_when_unmasked()
    {
        using Fabric fabric = Ready();
        Mask(fabric, 0, 3, true);
        Fire(fabric, 0, 3);
        Fire(fabric, 0, 3);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(1u << 3, Pending(fabric, 0));
        Mask(fabric, 0, 3, false);
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(0u, Pending(fabric, 0));
    }

    [Fact]
    public void P103_The_function_mask_holds_all_vectors_back()
    {
        using Fabric fabric = Ready();
        Control(fabric, 0, MsixCapability.Enable | MsixCapability.FunctionMask);
        Mask(fabric, 0, 4, true);
        Assert.All(Vectors(), v => Fire(fabric, 0, v));
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(0b11111u, Pending(fabric, 0));
        Control(fabric, 0, MsixCapability.Enable);
        Assert.Equal(4, fabric.Signal.Messages.Count);
        Assert.Equal(0b10000u, Pending(fabric, 0));
    }

    [Fact]
    public void P104_Without_bus_master_messages_stay_pending()
    {
        using Fabric fabric = Ready();
        Fabric.BusMaster(fabric.Vf(0), on: false);
        Fire(fabric, 0, 1);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(1u << 1, Pending(fabric, 0));
        Fabric.BusMaster(fabric.Vf(0));
        Assert.Single(fabric.Signal.Messages);
        Assert.Equal(0u, Pending(fabric, 0));
    }

    [Fact]
    public void P105_A_message_carries_the_vfs_routing_id_and_the_entry()
    {
        using Fabric fabric = Ready();
        Fire(fabric, 1, 2);
        InterruptMessage message = Assert.Single(fabric.Signal.Messages);
        Assert.Equal((fabric.VfId(1), Address + 2 * 16, Data + 2), (message.Requester, message.Address, message.Data));
        fabric.Write32(Entry(1, 2) + 4, 0x12);
        fabric.Write32(Entry(1, 2) + 8, 0x99);
        Fire(fabric, 1, 2);
        Assert.Equal(((0x12ul << 32) | (Address + 2 * 16), 0x99u), (fabric.Signal.Messages[1].Address, fabric.Signal.Messages[1].Data));
    }

    [Fact]
    public void P106_Accesses_of_4_and_8_bytes_work_and_others_do_no_harm()
    {
        using Fabric fabric = Enabled();
        ulong entry = Entry(0, 1);
        byte[] ones = [.. Enumerable.Repeat((byte)0xFF, 16)];
        Assert.True(fabric.Complex.WriteMemory(entry, ones.AsSpan(0, 8)));
        Assert.True(fabric.Complex.WriteMemory(entry + 8, ones.AsSpan(0, 4)));
        byte[] read = new byte[16];
        Assert.True(fabric.Complex.ReadMemory(entry, read));
        Assert.Equal("FCFFFFFFFFFFFFFFFFFFFFFF01000000", Convert.ToHexString(read));
        foreach ((ulong at, int length) in ((ulong, int)[])[(0, 1), (1, 1), (2, 2), (0, 2), (2, 4), (4, 8), (1, 7), (3, 8)])
        {
            fabric.Complex.WriteMemory(Entry(0, 2) + at, new byte[length]);
            byte[] again = new byte[length];
            Assert.True(fabric.Complex.ReadMemory(entry + at, again));
            Assert.Equal(read[(int)at..((int)at + length)], again);
        }

        Assert.Equal(1u, fabric.Read32(Entry(0, 2) + 12));

        // A long write is taken apart, also across the end of the table into what follows it.
        ulong last = Entry(0, RegisterPersonality.Vectors - 1);
        Assert.True(fabric.Complex.WriteMemory(last + 8, ones));
        Assert.Equal(uint.MaxValue, fabric.Read32(last + 8));
        Assert.Equal(uint.MaxValue, fabric.Read32(last + 12));
        Assert.Equal(uint.MaxValue, fabric.Read32(last + 16));
    }

    [Fact]
    public void P107_Writes_to_the_pending_bits_have_no_effect()
    {
        using Fabric fabric = Ready();
        Mask(fabric, 0, 0, true);
        Fire(fabric, 0, 0);
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.PendingOffset), 0xFFFF_FFFE);
        Assert.Equal(1u, Pending(fabric, 0));
    }

    [Fact]
    public void P108_An_entry_changed_while_masked_is_sent_with_its_new_values()
    {
        using Fabric fabric = Ready();
        Mask(fabric, 0, 0, true);
        Fire(fabric, 0, 0);
        fabric.Write32(Entry(0, 0), 0xFEE0_2000);
        fabric.Write32(Entry(0, 0) + 8, 7);
        Mask(fabric, 0, 0, false);
        InterruptMessage message = Assert.Single(fabric.Signal.Messages);
        Assert.Equal((0xFEE0_2000ul, 7u), (message.Address, message.Data));
    }

    [Fact]
    public void P109_Tables_of_vfs_are_independent()
    {
        using Fabric fabric = Enabled();
        byte[] before = new byte[RegisterPersonality.Vectors * 16];
        fabric.Complex.ReadMemory(Entry(1, 0), before);
        Assert.All(Vectors(), v => Open(fabric, 0, v));
        Control(fabric, 0, MsixCapability.Enable | MsixCapability.FunctionMask);
        byte[] after = new byte[before.Length];
        fabric.Complex.ReadMemory(Entry(1, 0), after);
        Assert.Equal(before, after);
        Assert.Equal(RegisterPersonality.Vectors - 1, fabric.Vf(1).Read16(Cap(fabric.Vf(1)) + 2));
    }

    /// <summary>A VF keeps its table size for life; the VF that takes its place after VF Enable may have another.</summary>
    [Fact]
    public void P110_A_new_table_size_shows_when_the_vf_comes_again()
    {
        using Fabric fabric = Enabled();
        Assert.Equal(RegisterPersonality.Vectors - 1, fabric.Vf(0).Read16(Cap(fabric.Vf(0)) + 2));
        fabric.Factories[0].Vectors = 17;
        Assert.Equal(RegisterPersonality.Vectors - 1, fabric.Vf(0).Read16(Cap(fabric.Vf(0)) + 2));
        fabric.Disable();
        fabric.Enable(1);
        Assert.Equal(16, fabric.Vf(0).Read16(Cap(fabric.Vf(0)) + 2));
        Assert.Equal(1u, fabric.Read32(Entry(0, 16) + 12));
        Assert.Equal(0u, fabric.Read32(Entry(0, 17) + 12));
    }

    [Fact]
    public void With_msix_off_events_are_dropped_and_pending_bits_are_0()
    {
        using Fabric fabric = Ready();
        Mask(fabric, 0, 0, true);
        Fire(fabric, 0, 0);
        Control(fabric, 0, 0);
        Assert.Equal(0u, Pending(fabric, 0));
        Fire(fabric, 0, 0);
        Fire(fabric, 0, 1);
        Control(fabric, 0, MsixCapability.Enable);
        Mask(fabric, 0, 0, false);
        Assert.Empty(fabric.Signal.Messages);
        Fire(fabric, 0, -1);
        Fire(fabric, 0, RegisterPersonality.Vectors);
        Assert.Empty(fabric.Signal.Messages);
    }

    /// <summary>A message never mixes the address of one entry with the data of another, whatever races.</summary>
    [Fact]
    public async Task A_message_is_one_entry_as_a_whole()
    {
        using Fabric fabric = Ready();
        const int Rounds = 20_000;
        Task writer = Task.Run(() =>
        {
            Span<byte> entry = stackalloc byte[8];
            for (uint i = 0; i < Rounds; i++)
            {
                Mask(fabric, 0, 0, true);
                fabric.Write32(Entry(0, 0), i << 12);
                fabric.Write32(Entry(0, 0) + 4, i);
                fabric.Write32(Entry(0, 0) + 8, i);
                Mask(fabric, 0, 0, false);
            }
        });
        fabric.Write32(Entry(0, 0) + 4, 0);
        RegisterPersonality vf = fabric.Factories[0].Made[0];
        while (!writer.IsCompleted)
            vf.Function.Fire(0);
        await writer;
        foreach (InterruptMessage message in fabric.Signal.Messages)
        {
            if (message.Data == Data)
                continue;
            Assert.Equal((message.Data, message.Data << 12), ((uint)(message.Address >> 32), (uint)message.Address));
        }
    }

    private static IEnumerable<int> Vectors() => Enumerable.Range(0, RegisterPersonality.Vectors);

    private static Fabric Enabled()
    {
        Fabric fabric = new();
        fabric.Enable(2);
        return fabric;
    }

    /// <summary>Two VFs, bus masters, all vectors open.</summary>
    private static Fabric Ready()
    {
        Fabric fabric = Enabled();
        for (int vf = 0; vf < 2; vf++)
        {
            Fabric.BusMaster(fabric.Vf(vf));
            Control(fabric, vf, MsixCapability.Enable);
            foreach (int vector in Vectors())
                Open(fabric, vf, vector);
        }

        return fabric;
    }

    private static void Open(Fabric fabric, int vf, int vector)
    {
        fabric.Write32(Entry(vf, vector), (uint)Address + (uint)vector * 16);
        fabric.Write32(Entry(vf, vector) + 8, Data + (uint)vector);
        Mask(fabric, vf, vector, false);
    }

    private static void Mask(Fabric fabric, int vf, int vector, bool on) => fabric.Write32(Entry(vf, vector) + 12, on ? 1u : 0);

    private static void Control(Fabric fabric, int vf, ushort value) => fabric.Vf(vf).Write16(Cap(fabric.Vf(vf)) + 2, value);

    private static void Fire(Fabric fabric, int vf, int vector) => fabric.Factories[0].Made[vf].Function.Fire(vector);

    private static uint Pending(Fabric fabric, int vf) => fabric.Read32(Fabric.InVf(vf, RegisterPersonality.PendingOffset));

    private static ulong Entry(int vf, int vector) => Fabric.InVf(vf, RegisterPersonality.TableOffset + (uint)vector * 16);

    private static int Cap(ConfigPort function) => function.FindCapability(0x11);
}
