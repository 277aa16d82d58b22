using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>ARI, AER, ACS, and what VFs must not have.</summary>
public class OtherCapabilityTests
{
    private const ushort Aer = 0x01;
    private const ushort Acs = 0x0D;
    private const ushort Ari = 0x0E;

    [Fact]
    public void P120_The_ari_chain_names_the_pfs_and_ends()
    {
        using Fabric fabric = new(physicals: 3);
        List<int> chain = [0];
        for (int next = Next(fabric.Pf(0)); next != 0; next = Next(fabric.Pf(next)))
            chain.Add(next);
        Assert.Equal([0, 1, 2], chain);
        fabric.Enable(8, pf: 1);
        Assert.All(Enumerable.Range(0, 8), vf => Assert.Equal(0, Next(fabric.Vf(vf, 1))));

        static int Next(ConfigPort function)
        {
            Assert.NotEqual(0, function.FindExtended(Ari));
            return function.Read8(function.FindExtended(Ari) + 5);
        }
    }

    [Fact]
    public void P121_Vfs_have_no_capability_that_belongs_to_the_pf()
    {
        using Fabric fabric = new(serial: 1);
        fabric.Enable(1);
        List<ushort> ids = [];
        for (int at = 0x100; at != 0; at = (int)(fabric.Vf(0).Read32(at) >> 20))
            ids.Add(fabric.Vf(0).Read16(at));
        Assert.Equal([Aer, Ari, 0x03], ids);
        Assert.Equal(0, fabric.Vf(0).FindCapability(0x01));
        Assert.Equal(0, fabric.Vf(0).FindCapability(0x03));
        Assert.Equal(0, fabric.Vf(0).FindCapability(0x05));
    }

    [Fact]
    public void P123_A_vf_has_status_of_its_own_and_the_rules_of_its_pf()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        ConfigPort vf = fabric.Vf(0);
        int aer = vf.FindExtended(Aer);
        IEndpoint client = fabric.Device.Vf(0, 0)!.Endpoint;
        Assert.Equal(Aer, client.Read16(0x100));
        Assert.NotEqual(0, fabric.Pf().FindExtended(Aer));
        foreach (int rule in (int[])[0x08, 0x0C, 0x14])
        {
            uint inClient = client.Read32(0x100 + rule);
            vf.Write32(aer + rule, uint.MaxValue);
            Assert.Equal(0u, vf.Read32(aer + rule));
            Assert.Equal(inClient, client.Read32(0x100 + rule));
            uint before = fabric.Pf().Read32(fabric.Pf().FindExtended(Aer) + rule);
            fabric.Pf().Write32(fabric.Pf().FindExtended(Aer) + rule, ~before);
            Assert.NotEqual(before, fabric.Pf().Read32(fabric.Pf().FindExtended(Aer) + rule));
            Assert.Equal(0u, vf.Read32(aer + rule));
        }

        fabric.Pf().Write32(fabric.Pf().FindExtended(Aer) + 8, 0);
        fabric.Device.LogError(fabric.Device.Vf(0, 0)!, UncorrectableError.CompleterAbort);
        Assert.Equal(1u << 15, vf.Read32(aer + 4));
        Assert.Equal(15u, vf.Read32(aer + 0x18) & 0x1F);
        Assert.Equal(0u, fabric.Vf(1).Read32(aer + 4));
        Assert.Equal(0u, fabric.Pf().Read32(fabric.Pf().FindExtended(Aer) + 4));
        vf.Write32(aer + 4, 1u << 15);
        Assert.Equal(0u, vf.Read32(aer + 4));
    }

    [Fact]
    public void P124_Acs_has_redirects_and_no_port_services()
    {
        using Fabric fabric = new();
        ConfigPort function = fabric.Pf();
        int acs = function.FindExtended(Acs);
        Assert.Equal(0x0C, function.Read16(acs + 4));
        function.Write16(acs + 6, 0xFFFF);
        Assert.Equal(0x0C, function.Read16(acs + 6));
        function.Write16(acs + 6, 0x04);
        Assert.Equal(0x04, function.Read16(acs + 6));
    }

    /// <summary>The mask of the PF keeps a VF's error message back, not the VF's status.</summary>
    [Fact]
    public void P125_A_masked_error_of_a_vf_is_logged_and_not_reported()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        PciFunction vf = fabric.Device.Vf(0, 0)!;
        int aer = fabric.Pf().FindExtended(Aer);
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, 0b1111);
        fabric.Pf().Write32(aer + 8, 1u << 15);
        fabric.Device.LogError(vf, UncorrectableError.CompleterAbort);
        Assert.Equal(1u << 15, fabric.Vf(0).Read32(fabric.Vf(0).FindExtended(Aer) + 4));
        Assert.Equal(0, fabric.Complex.ErrorMessages);
        fabric.Pf().Write32(aer + 8, 0);
        fabric.Device.LogError(vf, UncorrectableError.CompleterAbort);
        Assert.Equal(1, fabric.Complex.ErrorMessages);
        Assert.Equal(new ErrorMessage(fabric.VfId(0), ErrorSeverity.NonFatal), fabric.Complex.LastError);
        fabric.Pf().Write32(aer + 0x0C, 1u << 15);
        fabric.Device.LogError(vf, UncorrectableError.CompleterAbort);
        Assert.Equal(new ErrorMessage(fabric.VfId(0), ErrorSeverity.Fatal), fabric.Complex.LastError);

        // Without the PF's enables nothing is reported; its SERR# enables everything.
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, 0);
        fabric.Device.LogError(vf, UncorrectableError.CompleterAbort);
        Assert.Equal(2, fabric.Complex.ErrorMessages);
        fabric.Pf().Write16(4, CommandBits.SystemError);
        fabric.Device.LogError(vf, UncorrectableError.UnsupportedRequest);
        Assert.Equal(3, fabric.Complex.ErrorMessages);
    }

    /// <summary>PCIe 6.2.3.2.2 and 6.2.4.2: a masked error sets its status bit and no more.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_error_pointer_names_the_first_error_that_is_not_masked(bool isVf)
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        PciFunction function = isVf ? fabric.Device.Vf(0, 0)! : fabric.Device.Engines[0].Physical;
        ConfigPort port = isVf ? fabric.Vf(0) : fabric.Pf();
        int aer = port.FindExtended(Aer);
        int rules = fabric.Pf().FindExtended(Aer);
        fabric.Pf().Write32(rules + 8, 1u << 15);
        fabric.Device.LogError(function, UncorrectableError.CompleterAbort);
        Assert.Equal((1u << 15, 0u), (port.Read32(aer + 4), port.Read32(aer + 0x18)));
        fabric.Device.LogError(function, UncorrectableError.PoisonedTlp);
        Assert.Equal((1u << 15 | 1u << 12, 12u), (port.Read32(aer + 4), port.Read32(aer + 0x18)));

        // It stays where it is until that very bit is cleared, then the next error is the first again.
        fabric.Device.LogError(function, UncorrectableError.CompletionTimeout);
        port.Write32(aer + 4, 1u << 14);
        Assert.Equal(12u, port.Read32(aer + 0x18));
        port.Write32(aer + 4, 1u << 12);
        fabric.Device.LogError(function, UncorrectableError.CompletionTimeout);
        Assert.Equal((1u << 15 | 1u << 14, 14u), (port.Read32(aer + 4), port.Read32(aer + 0x18)));

        // The same error, masked meanwhile, does not make the former pointer valid again.
        port.Write32(aer + 4, 1u << 14);
        fabric.Pf().Write32(rules + 8, 1u << 14);
        fabric.Device.LogError(function, UncorrectableError.CompletionTimeout);
        Assert.Equal((1u << 15 | 1u << 14, 0u), (port.Read32(aer + 4), port.Read32(aer + 0x18)));
    }
}
