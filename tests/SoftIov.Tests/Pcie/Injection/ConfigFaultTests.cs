using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie.Injection;

/// <summary>Faults that configuration requests meet: retry status, late readiness, reads of all ones.</summary>
public class ConfigFaultTests
{
    private const uint RetryVendor = 0xFFFF_0001;
    private const uint Absent = uint.MaxValue;
    private const int FunctionLevelReset = 1 << 15;

    [Fact]
    public void Requests_to_one_function_get_retry_status_as_often_as_was_said()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        RequesterId vf = fabric.VfId(1);
        SeeRetries(fabric);
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.RetryConfig(1, requests: 2);

        Assert.Equal(RetryVendor, fabric.Complex.Read(vf, 0, 4));
        Assert.True(fabric.Answers(fabric.VfId(0)));
        fabric.Complex.Write(vf, 4, 2, CommandBits.BusMaster); // lost: it was the second
        Assert.Equal(0u, fabric.Complex.Read(vf, 4, 2));
        Assert.Empty(injector.InForce(1));
    }

    [Fact]
    public void Without_retry_visibility_software_reads_all_ones()
    {
        using Fabric fabric = new();
        new FaultInjector(fabric.Device, fabric.Complex).RetryConfig(null, requests: 1);
        Assert.Equal(Absent, fabric.Complex.Read(fabric.Pf().Id, 0, 4));
        Assert.NotEqual(Absent, fabric.Complex.Read(fabric.Pf().Id, 0, 4));
    }

    [Fact]
    public void Retry_status_for_a_time_ends_with_it()
    {
        using Fabric fabric = new();
        SeeRetries(fabric);
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.RetryConfig(null, TimeSpan.FromMilliseconds(300));
        fabric.Clock.Advance(TimeSpan.FromMilliseconds(299));
        Assert.Equal(RetryVendor, fabric.Complex.Read(fabric.Pf().Id, 0, 4));
        Assert.Equal([new FaultInForce(FaultKind.RetryFor, 0, TimeSpan.FromMilliseconds(1))], injector.InForce(null));
        fabric.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(RetryVendor, fabric.Complex.Read(fabric.Pf().Id, 0, 4));
    }

    [Fact]
    public void A_late_vf_is_late_after_VF_Enable_and_after_each_of_its_resets()
    {
        using Fabric fabric = new();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.StartLate(1, TimeSpan.FromSeconds(3));
        fabric.Enable(2);
        RequesterId late = fabric.VfId(1);

        Assert.True(fabric.Answers(fabric.VfId(0)));
        Assert.False(fabric.Answers(late));
        Assert.False(fabric.Write32(Fabric.InVf(1), 1));
        Assert.True(fabric.Write32(Fabric.InVf(0), 1));
        fabric.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(fabric.Answers(late));
        Assert.True(fabric.Write32(Fabric.InVf(1), 1));

        fabric.Vf(1).Write16(fabric.Vf(1).FindCapability(0x10) + 8, FunctionLevelReset);
        Assert.False(fabric.Answers(late));
        fabric.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(fabric.Answers(late));
        Assert.Single(injector.InForce(1));

        injector.Clear(1);
        fabric.Vf(1).Write16(fabric.Vf(1).FindCapability(0x10) + 8, FunctionLevelReset);
        Assert.True(fabric.Answers(late));
    }

    [Fact]
    public void A_late_pf_lets_software_wait_after_its_own_reset()
    {
        using Fabric fabric = new();
        new FaultInjector(fabric.Device, fabric.Complex).StartLate(null, TimeSpan.FromSeconds(2));
        Assert.True(fabric.Answers(fabric.Pf().Id));
        fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, FunctionLevelReset);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        fabric.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(fabric.Answers(fabric.Pf().Id));
    }

    [Fact]
    public async Task A_driver_waits_for_a_late_vf_and_gives_up_on_one_that_is_too_late()
    {
        using DrivenAdapter adapter = new(totalVfs: 4);
        var injector = new FaultInjector(adapter.Device, adapter.Complex);
        await adapter.Driver.ProbeAsync(CancellationToken.None);
        injector.StartLate(0, TimeSpan.FromMilliseconds(500));
        await adapter.Driver.EnableAsync(2, null, CancellationToken.None);
        Assert.Equal(2, adapter.Driver.NumVfs);
        await adapter.Driver.DisableAsync(null, CancellationToken.None);

        injector.StartLate(0, TimeSpan.FromSeconds(5));
        var error = await Assert.ThrowsAsync<PfDriverException>(() => adapter.Driver.EnableAsync(2, null, CancellationToken.None));
        Assert.Equal(PfDriverError.Timeout, error.Error);
        Assert.Equal(0, adapter.Device.Engines[0].Count);
    }

    [Fact]
    public void All_ones_for_some_requests_or_until_cleared_and_nothing_else_is_touched()
    {
        using Fabric fabric = new();
        fabric.Enable(2);
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        RequesterId vf = fabric.VfId(0);
        injector.ReadAllOnes(0, requests: 2);
        Assert.Equal(Absent, fabric.Complex.Read(vf, 4, 4));
        fabric.Complex.Write(vf, 4, 2, CommandBits.BusMaster); // lost
        Assert.Equal(0u, fabric.Complex.Read(vf, 4, 2));

        injector.ReadAllOnes(0, Countdown.Forever);
        for (int i = 0; i < 100; i++)
            Assert.Equal(Absent, fabric.Complex.Read(vf, 4, 4));
        Assert.True(fabric.Answers(fabric.VfId(1)));
        Assert.True(fabric.Write32(Fabric.InVf(0), 7));
        Assert.Equal([new FaultInForce(FaultKind.AllOnes, Countdown.Forever, TimeSpan.Zero)], injector.InForce(0));
        injector.Clear(0);
        Assert.True(fabric.Answers(vf));
        Assert.Empty(injector.InForce(0));
    }

    [Fact]
    public void The_assigned_view_reads_all_ones_too_and_knows_no_retry()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        IEndpoint endpoint = fabric.Device.Vf(0, 0)!.Endpoint;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.RetryConfig(0, requests: 1);
        injector.ReadAllOnes(0, requests: 1);
        byte[] bytes = new byte[4];
        endpoint.ReadConfig(0, bytes);
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], bytes);
        endpoint.ReadConfig(0, bytes);
        Assert.Equal([0x36, 0x1B], bytes[..2]);
        Assert.Equal([new FaultInForce(FaultKind.Retry, 1, TimeSpan.Zero)], injector.InForce(0));
    }

    [Fact]
    public void Faults_of_a_vf_survive_VF_Enable_and_resets()
    {
        using Fabric fabric = new();
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.ReadAllOnes(7, Countdown.Forever); // not enabled yet
        fabric.Enable(8);
        Assert.False(fabric.Answers(fabric.VfId(7)));
        fabric.Disable();
        fabric.Enable(8);
        Assert.False(fabric.Answers(fabric.VfId(7)));
        fabric.Device.Vf(0, 7)!.Endpoint.Reset();
        Assert.False(fabric.Answers(fabric.VfId(7)));
        injector.ClearAll();
        Assert.True(fabric.Answers(fabric.VfId(7)));
    }

    private static void SeeRetries(Fabric fabric) => fabric.Port.Write16(fabric.PortExpress + 0x1C, RootPortCapability.RetryVisibility);
}
