using SoftIov.Api;
using SoftIov.Daemon.Faults;
using SoftIov.Lab.VfioUser;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>Faults by the control socket: what each does to a client, what is listed, and what is refused with a reason.</summary>
public sealed class FaultInjectionTests
{
    private const string TwoVfs = "adapters: [{ name: net0, totalVfs: 4, numVfs: 2, vfs: { 1: { interrupts: intx } } }]";

    [Fact]
    public async Task All_ones_reach_the_client_until_cleared()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
        InjectResult result = await InjectAsync(host, "net0/0", "all-ones");
        Assert.Equal("net0/0: configuration reads give all ones until cleared", result.Done);
        Assert.Equal([new InjectedFault("net0/0", "all-ones", "until cleared")], result.InForce);
        Assert.Equal(uint.MaxValue, client.ReadConfig32(0));
        Assert.Equal(result.InForce, (await host.Client.InjectAsync(new InjectRequest("net0"))).InForce);
        Assert.Empty((await InjectAsync(host, "net0/0", "clear")).InForce);
        Assert.NotEqual(uint.MaxValue, client.ReadConfig32(0));
        Assert.Contains((await host.Client.GetEventsAsync(new EventsRequest("net0/0"))).Events, e => e.Kind == EventKind.FaultInjected);
    }

    [Fact]
    public async Task A_refused_access_breaks_a_queue_until_the_driver_resets_and_the_neighbour_goes_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        var options = new NetDriverOptions();
        using DriverMemory memory = DriverMemory.CreateShared("guest", options.MemoryNeeded);
        using VfioUserDevice device = VfioUserDevice.Connect(host.Socket("vf0.sock"));
        using VirtioNetDriver driver = VirtioNetDriver.Open(device, memory, options);
        await host.UntilAsync("net0/0", f => f.Driver == "driver-ok");
        await InjectAsync(host, "net0/0", "dma-fault", "count=1");
        driver.TrySend(new byte[64]);
        await host.UntilAsync("net0/0", f => f.Driver == "needs-reset");
        Assert.Empty((await host.Client.InjectAsync(new InjectRequest("net0"))).InForce);
        DescribeResult described = await host.Client.DescribeAsync("net0");
        Assert.Contains(new DescribeRow("refused DMA and interrupts", "1"), described.Sections.SelectMany(s => s.Rows));
    }

    [Fact]
    public async Task The_network_link_goes_down_whatever_policy_says_and_stays_down_over_VF_Enable()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        await host.Client.SetAsync(Set("net0/0", "state=enable"));
        await InjectAsync(host, "net0/0", "link-down");
        Assert.False((await host.FunctionAsync("net0/0")).LinkUp);
        Assert.True((await host.FunctionAsync("net0/1")).LinkUp);
        await host.Client.SetAsync(Set("net0", "numVfs=0"));
        await host.Client.SetAsync(Set("net0", "numVfs=1"));
        Assert.False((await host.FunctionAsync("net0/0")).LinkUp);
        Assert.Equal("link-down", Assert.Single((await host.Client.InjectAsync(new InjectRequest("net0"))).InForce).Fault);
        await InjectAsync(host, "net0", "clear");
        Assert.True((await host.FunctionAsync("net0/0")).LinkUp);
    }

    [Fact]
    public async Task A_vf_that_is_too_late_is_an_error_of_the_step_that_enables_it()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 4 }]");
        await InjectAsync(host, "net0/0", "late", "ms=60000");
        ControlException error = await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(Set("net0", "numVfs=1")));
        Assert.Equal(ControlErrorCode.StepFailed, error.Code);
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
        await InjectAsync(host, "net0/0", "clear");
        await host.Client.SetAsync(Set("net0", "numVfs=1"));
    }

    [Fact]
    public async Task Vfs_that_vanish_cut_their_clients_off_and_can_be_enabled_again()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
        InjectResult result = await InjectAsync(host, "net0", "vf-enable-clear");
        Assert.Equal("net0: VF Enable went to 0, and 2 VFs are gone", result.Done);
        await UntilCutOffAsync(client);
        Assert.NotEmpty((await host.Client.GetAsync("net0")).Adapters);
        await host.Client.SetAsync(Set("net0", "numVfs=0"));
        await host.Client.SetAsync(Set("net0", "numVfs=2"));
        using VfioUserClient next = VfioUserClient.Connect(host.Socket("vf0.sock"));
        Assert.NotEqual(uint.MaxValue, next.ReadConfig32(0));
    }

    [Fact]
    public async Task Whole_an_adapter_has_a_link_and_who_has_it_next_finds_it_mended()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 4, whole: true }]");
        await InjectAsync(host, "net0", "link-down");
        await InjectAsync(host, "net0/3", "retry", "ms=60000");
        await InjectAsync(host, "net0/pf", "link-down");
        Assert.Equal(
            ["net0 link-down", "net0/pf link-down", "net0/3 retry"],
            (await host.Client.InjectAsync(new InjectRequest("net0"))).InForce.Select(f => $"{f.Target} {f.Fault}"));
        InjectResult error = await InjectAsync(host, "net0/pf", "aer", "error=bad-tlp");
        Assert.Equal("net0/pf: 'bad-tlp' is logged; software masked it or enabled no message for it", error.Done);
        await host.Client.SetAsync(Set("net0", "whole=false"));
        Assert.Empty((await host.Client.InjectAsync(new InjectRequest("net0"))).InForce);
        Assert.True((await host.FunctionAsync("net0/pf")).LinkUp);
    }

    [Fact]
    public async Task Describe_lists_what_is_in_force_and_nothing_when_nothing_is()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        await InjectAsync(host, "net0/0", "lost-msi", "count=2");
        await InjectAsync(host, "net0/3", "late", "ms=1500"); // not enabled yet
        Assert.Equal([new("net0/0 lost-msi", "2 times"), new("net0/3 late", "1500 ms each time, until cleared")], await FaultRowsAsync("net0"));
        Assert.Equal([new("net0/0 lost-msi", "2 times")], await FaultRowsAsync("net0/0"));
        Assert.Null(await FaultRowsAsync("net0/1"));
        await InjectAsync(host, "net0", "clear");
        Assert.Null(await FaultRowsAsync("net0"));

        async Task<IReadOnlyList<DescribeRow>?> FaultRowsAsync(string target) =>
            (await host.Client.DescribeAsync(target)).Sections.SingleOrDefault(section => section.Title == "injected faults")?.Rows;
    }

    [Theory]
    [InlineData("net0/0", "retry", "", "no word for retry status")]
    [InlineData("net0/2", "retry", "count=1 ms=1", "either count or ms")]
    [InlineData("net0", "all-ones", "", "a fault of one function")]
    [InlineData("net0/9", "all-ones", "", "no VF 9")]
    [InlineData("net0/uplink", "all-ones", "", "uplink")]
    [InlineData("net0/1", "lost-msi", "", "no MSI-X")]
    [InlineData("net0/0", "lost-msi", "count=0", "no value of count")]
    [InlineData("net0/0", "lost-msi", "cuont=1", "has no 'cuont'")]
    [InlineData("net0/0", "late", "", "needs ms")]
    [InlineData("net0", "link-down", "", "served singly")]
    [InlineData("net0/0", "vf-enable-clear", "", "the PF's")]
    [InlineData("net0/0", "aer", "", "needs error")]
    [InlineData("net0/0", "aer", "error=poisond", "no error 'poisond'")]
    [InlineData("net0/0", "aer", "error=malformed-tlp", "error of the link")]
    [InlineData("net0/3", "aer", "error=poisoned", "not enabled")]
    [InlineData("net0/0", "all-one", "", "no fault 'all-one'")]
    public async Task What_makes_no_sense_is_refused_with_the_reason_and_nothing_is_injected(
        string target, string fault, string values, string reason)
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        string[] pairs = values.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ControlException error = await Assert.ThrowsAsync<ControlException>(() => InjectAsync(host, target, fault, pairs));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.All(error.Details.Errors, one => Assert.False(string.IsNullOrEmpty(one.Fix)));
        Assert.Empty((await host.Client.InjectAsync(new InjectRequest("net0"))).InForce);
    }

    [Fact]
    public void The_command_line_knows_the_faults_of_the_daemon() =>
        Assert.Equal(FaultTable.All.Select(f => f.Name), SoftIov.Cli.Commands.InjectCommand.Faults);

    [Fact]
    public void The_guide_has_every_fault_and_every_error()
    {
        string guide = House.Repository.Read("docs/guide/inject.md");
        Assert.All(FaultTable.All, fault => Assert.Contains($"`{fault.Name}", guide, StringComparison.Ordinal));
        Assert.All(ErrorFaults.Words, word => Assert.Contains($"`{word}`", guide, StringComparison.Ordinal));
    }

    private static Task<InjectResult> InjectAsync(HostFixture host, string target, string fault, params string[] values) =>
        host.Client.InjectAsync(new InjectRequest(target, fault, Pairs(values)));

    /// <summary>The session ends on another thread; until then the function reads all ones.</summary>
    private static async Task UntilCutOffAsync(VfioUserClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                Assert.Equal(uint.MaxValue, client.ReadConfig32(0));
            }
            catch (Exception error) when (error is IOException or VfioUserException)
            {
                return;
            }

            await Task.Delay(5, limit.Token);
        }
    }

    private static SetRequest Set(string target, params string[] values) => new(target, Pairs(values));

    private static Dictionary<string, string> Pairs(string[] values) => values.Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
}
