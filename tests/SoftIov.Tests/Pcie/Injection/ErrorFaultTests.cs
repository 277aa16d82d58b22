using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie.Injection;

/// <summary>Errors that are injected: status in the function, a message to the root port, its registers and its interrupt (PCIe 6.2).</summary>
public class ErrorFaultTests
{
    private const ushort AllReports = 0xF;
    private const int RootCommand = 0x2C;
    private const int RootStatus = 0x30;
    private const int Source = 0x34;
    private const uint MsiAddress = 0xFEE0_1000;
    private const ushort MsiData = 0x4021;

    [Fact]
    public void An_error_of_a_vf_interrupts_at_the_root_port_and_names_the_vf()
    {
        using Fabric fabric = Listening();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        Assert.Equal(ErrorOutcome.Reported, injector.Report(1, UncorrectableError.PoisonedTlp));

        int aer = fabric.Port.FindExtended(1);
        Assert.Equal((uint)fabric.VfId(1).Value << 16, fabric.Port.Read32(aer + Source));
        Assert.Equal(0b010_0100u, fabric.Port.Read32(aer + RootStatus));
        Assert.Equal(1u << 12, fabric.Vf(1).Read32(fabric.Vf(1).FindExtended(1) + 4));
        Assert.Equal(StatusBits.DetectedParityError, fabric.Vf(1).Read16(6) & StatusBits.Errors);
        InterruptMessage message = Assert.Single(fabric.Signal.Messages);
        Assert.Equal((fabric.Port.Id, (ulong)MsiAddress, (uint)MsiData), (message.Requester, message.Address, message.Data));
    }

    [Fact]
    public void One_interrupt_until_software_clears_the_status_and_another_afterwards()
    {
        using Fabric fabric = Listening();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.Report(0, UncorrectableError.CompletionTimeout);
        injector.Report(1, UncorrectableError.CompletionTimeout);
        Assert.Single(fabric.Signal.Messages);
        int aer = fabric.Port.FindExtended(1);
        Assert.Equal(0b010_1100u, fabric.Port.Read32(aer + RootStatus));
        fabric.Port.Write32(aer + RootStatus, uint.MaxValue);
        injector.Report(0, UncorrectableError.CompletionTimeout);
        Assert.Equal(2, fabric.Signal.Messages.Count);
    }

    [Fact]
    public void A_corrected_error_has_a_place_and_an_enable_of_its_own()
    {
        using Fabric fabric = Listening();
        int aer = fabric.Port.FindExtended(1);
        fabric.Port.Write32(aer + RootCommand, 0b110);
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        Assert.Equal(ErrorOutcome.Reported, injector.Report(null, CorrectableError.BadTlp));
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(0, fabric.Port.Read16(0x1E)); // Received System Error is for errors that are not corrected
        Assert.Equal((1u, (uint)fabric.Pf().Id.Value), (fabric.Port.Read32(aer + RootStatus), fabric.Port.Read32(aer + Source)));
        Assert.Equal(1u << 6, fabric.Pf().Read32(fabric.Pf().FindExtended(1) + 0x10));
        fabric.Port.Write32(aer + RootCommand, 0b111); // the reason is there already: enabling it interrupts
        Assert.Single(fabric.Signal.Messages);
        injector.Report(null, CorrectableError.Receiver);
        Assert.Equal(3u, fabric.Port.Read32(aer + RootStatus));
    }

    [Fact]
    public void Fatal_is_what_software_or_the_specification_calls_so()
    {
        using Fabric fabric = Listening();
        new FaultInjector(fabric.Device, fabric.Complex).Report(null, UncorrectableError.MalformedTlp);
        Assert.Equal(0b101_0100u, fabric.Port.Read32(fabric.Port.FindExtended(1) + RootStatus));
        Assert.Equal(ErrorSeverity.Fatal, fabric.Complex.LastError.Severity);
        Assert.Single(fabric.Signal.Messages);
    }

    [Fact]
    public void What_software_masked_or_did_not_enable_is_only_logged()
    {
        using Fabric fabric = Listening();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        Assert.Equal(ErrorOutcome.Logged, injector.Report(0, CorrectableError.AdvisoryNonFatal)); // masked at power-on
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, 0);
        Assert.Equal(ErrorOutcome.Logged, injector.Report(0, UncorrectableError.PoisonedTlp));
        Assert.Equal(ErrorOutcome.Logged, injector.Report(null, CorrectableError.BadDllp));
        Assert.Equal(0, fabric.Complex.ErrorMessages);
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, AllReports);
        fabric.Port.Write16(0x3E, 0);
        Assert.Equal(ErrorOutcome.Stopped, injector.Report(0, UncorrectableError.PoisonedTlp));
        Assert.Equal(ErrorOutcome.NotThere, injector.Report(7, UncorrectableError.PoisonedTlp));
    }

    [Fact]
    public void A_vf_reports_no_errors_of_the_link()
    {
        using Fabric fabric = Listening();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        Assert.Throws<ArgumentException>(() => injector.Report(0, UncorrectableError.MalformedTlp));
        Assert.Throws<ArgumentException>(() => injector.Report(0, CorrectableError.BadTlp));
        Assert.Equal(0, fabric.Complex.ErrorMessages);
    }

    [Theory]
    [InlineData("msi")]
    [InlineData("bus master")]
    [InlineData("face")]
    public void The_port_sends_no_interrupt_that_it_may_not_send(string gate)
    {
        using Fabric fabric = Listening();
        if (gate == "msi")
            fabric.Port.Write16(fabric.Port.FindCapability(5) + 2, 0);
        else if (gate == "bus master")
            fabric.Port.Write16(4, CommandBits.MemorySpace);
        else
            fabric.Complex.EnableMaster(false);
        Assert.Equal(ErrorOutcome.Reported, new FaultInjector(fabric.Device, fabric.Complex).Report(0, UncorrectableError.PoisonedTlp));
        Assert.Empty(fabric.Signal.Messages);
    }

    [Fact]
    public void Msi_of_the_port_has_one_vector_and_64_bits()
    {
        using Fabric fabric = new();
        int msi = fabric.Port.FindCapability(5);
        fabric.Port.Write16(msi + 2, 0xFFFF);
        for (int offset = 4; offset < 0x10; offset += 4)
            fabric.Port.Write32(msi + offset, uint.MaxValue);
        Assert.Equal(0x81, fabric.Port.Read16(msi + 2));
        Assert.Equal((0xFFFF_FFFCu, uint.MaxValue), (fabric.Port.Read32(msi + 4), fabric.Port.Read32(msi + 8)));
        Assert.Equal(0xFFFFu, fabric.Port.Read32(msi + 12));
    }

    /// <summary>VFs enabled, every report enabled in the PF, interrupts on at the root port.</summary>
    private static Fabric Listening()
    {
        var fabric = new Fabric();
        fabric.Enable(2);
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, AllReports);
        int msi = fabric.Port.FindCapability(5);
        fabric.Port.Write32(msi + 4, MsiAddress);
        fabric.Port.Write16(msi + 12, MsiData);
        fabric.Port.Write16(msi + 2, 1);
        fabric.Port.Write32(fabric.Port.FindExtended(1) + RootCommand, 0b111);
        return fabric;
    }
}
