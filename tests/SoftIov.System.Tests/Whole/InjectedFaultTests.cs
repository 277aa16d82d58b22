using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>
/// What a stock kernel and its stock drivers do about injected faults, by kernel: docs/guide/inject.md says it in words. All in one machine;
/// each test leaves PF and VFs in order.
/// </summary>
public abstract class InjectedFaultTests(WholeRig rig, ITestOutputHelper output)
{
    private const string StubPf =
        "echo $PF >$DRIVER/unbind; echo pci-pf-stub >$P/$PF/driver_override; echo $PF >/sys/bus/pci/drivers/pci-pf-stub/bind";

    internal WholeGuest Guest => rig.Guest;

    [Fact]
    public Task Errors_are_logged_against_the_function_that_reported_them_and_harm_nothing() => RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 1);
        await InjectAsync("net0/2", "aer", "error=poisoned");
        string log = await UntilLoggedAsync("device recovery failed");
        Assert.Matches(@"10000:00:00.0: AER: Uncorrect(ed|able) \(Non-Fatal\) [Ee]rror message received from 10000:01:00.3", log);
        Assert.Matches(@"10000:01:00.3: PCIe Bus Error: severity=Uncorrect(ed|able) \(Non-Fatal\)", log);
        Assert.Matches(@"10000:01:00.3: +\[12\] TLP", log);
        Assert.Contains("can't recover (no error_detected callback)", log, StringComparison.Ordinal);

        await InjectAsync("net0/pf", "aer", "error=bad-tlp");
        log = await UntilLoggedAsync("BadTLP");
        Assert.Matches("10000:01:00.0: PCIe Bus Error: severity=Correct(ed|able)", log);
        await Guest.PingAsync(0, Guest.AddressOf(1));
    });

    [Fact]
    public Task After_a_fatal_error_linux_resets_the_link_and_leaves_a_device_to_be_found_anew() => RunAsync(async () =>
    {
        await Guest.CheckAsync(StubPf); // virtio's own driver would wait for a reset device for ever
        await Guest.EnableAsync(4, withDrivers: false);
        await InjectAsync("net0/pf", "aer", "error=malformed-tlp");
        string log = await UntilLoggedAsync("device recovery failed");
        Assert.Matches(@"Uncorrect(ed|able) \(Fatal\) [Ee]rror message received from 10000:01:00.0", log);
        Assert.Contains("link has been reset", log, StringComparison.Ordinal);
        Assert.Empty((await rig.Rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions.Skip(1));
        await FindAnewAsync(); // Linux still believes in the VFs
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
    });

    [Fact]
    public Task An_interrupt_that_comes_twice_harms_nothing() => RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await InjectAsync("net0/1", "duplicate-msi", "count=5");
        await Guest.PingAsync(0, Guest.AddressOf(1), 8);
        Assert.Empty((await rig.Rig.Daemon.Client.InjectAsync(new InjectRequest("net0"))).InForce);
    });

    [Fact]
    public Task A_network_link_that_is_down_is_no_carrier_in_the_guest() => RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await InjectAsync("net0/1", "link-down");
        await UntilAsync("ip -n v1 link", "NO-CARRIER");
        await InjectAsync("net0/1", "clear");
        await UntilAsync("ip -n v1 link", "LOWER_UP");
        await Guest.PingAsync(0, Guest.AddressOf(1));
    });

    [Fact]
    public Task With_config_reads_of_all_ones_traffic_goes_on_and_no_driver_binds() => RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await InjectAsync("net0/1", "all-ones");
        await Guest.PingAsync(0, Guest.AddressOf(1));
        Assert.Contains("00: ff ff ff ff ff ff", await Guest.CheckAsync("lspci -xs $(vf 1)"), StringComparison.Ordinal);
        GuestResult bound = await Guest.RunAsync("echo $(vf 1) >$DRIVER/unbind; echo $(vf 1) >$DRIVER/bind");
        Assert.False(bound.Succeeded, bound.Output);
        Assert.Contains("leaving for legacy driver", await Guest.CheckAsync("dmesg"), StringComparison.Ordinal);
        await InjectAsync("net0/1", "clear");
        await Guest.CheckAsync("echo $(vf 1) >$DRIVER/bind");
        await Guest.PutAsync(1);
        await Guest.PingAsync(0, Guest.AddressOf(1));
    });

    [Fact]
    public Task Linux_waits_for_a_pf_that_is_late_after_its_reset() => RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo $PF >$DRIVER/unbind");
        await InjectAsync("net0/pf", "late", "ms=3000"); // Linux says so from 1123 ms on
        await Guest.CheckAsync("dmesg -c >/dev/null; echo 1 >$P/$PF/reset");
        Assert.Matches("ready [0-9]+ms after FLR", await Guest.CheckAsync("dmesg"));
        await Guest.CheckAsync("echo $PF >$DRIVER/bind");
        await Guest.PutAsync(-1);
    });

    [Fact]
    public Task Linux_does_not_wait_for_a_vf_that_is_late_and_finds_no_capabilities_in_it() => RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs");
        await InjectAsync("net0/2", "late", "ms=60000");
        await Guest.EnableAsync(4);
        string seen = await Guest.CheckAsync("ls $P/$(vf 1); for i in 1 2 3; do readlink $P/$(vf $i)/driver || echo none; done; dmesg | tail -20");
        Assert.Contains("virtio-pci\nnone\n", seen, StringComparison.Ordinal);
        await InjectAsync("net0/2", "clear");
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(2, 3);
    });

    [Fact]
    public Task Linux_asks_again_when_a_pf_that_it_finds_says_retry() => RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove; dmesg -c >/dev/null");
        await InjectAsync("net0/pf", "retry", "ms=5000");
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan; test -e $P/$PF");
        Assert.Matches("01:00.0: ready after [0-9]+ms", await Guest.CheckAsync("dmesg"));
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
    });

    [Fact]
    public Task Below_a_link_that_is_down_nothing_is_found_and_all_of_it_when_it_is_up_again() => RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove");
        await InjectAsync("net0", "link-down");
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan; test ! -e $P/$PF");
        await InjectAsync("net0", "clear");
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan; test -e $P/$PF");
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
    });

    [Fact]
    public Task VF_Enable_that_goes_by_itself_goes_unnoticed_until_vfs_are_enabled_anew() => RunAsync(async () =>
    {
        await Guest.EnableAsync(4, withDrivers: false); // a driver of virtio would wait for a VF that is gone for ever
        await InjectAsync("net0", "vf-enable-clear");
        string seen = await Guest.CheckAsync("cat $P/$PF/sriov_numvfs; lspci -vvs $PF | grep IOVCtl; lspci -xs $(vf 0)");
        Assert.Contains("IOVCtl:\tEnable-", seen, StringComparison.Ordinal);
        Assert.Contains("00: ff ff ff ff", seen, StringComparison.Ordinal);
        Assert.StartsWith("4\n", seen, StringComparison.Ordinal);
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 3);
    });

    /// <summary>Runs the body of a test; what it injected is cleared.</summary>
    protected Task RunAsync(Func<Task> body) => rig.Rig.RunAsync(async () =>
    {
        await Guest.RunAsync("dmesg -c >/dev/null");
        try
        {
            await body();
        }
        finally
        {
            await rig.Rig.Daemon.RunAsync("inject", "net0", "clear");
            output.WriteLine((await Guest.RunAsync("dmesg")).Output);
        }
    });

    /// <summary>Runs <c>softiov inject</c>.</summary>
    protected Task<string> InjectAsync(params string[] arguments) => rig.Rig.Daemon.CheckAsync(["inject", .. arguments]);

    private Task<string> UntilLoggedAsync(string words) => UntilAsync("dmesg", words);

    private async Task<string> UntilAsync(string command, string words) => (await Eventually.GetAsync(
        () => Guest.RunAsync(command), result => result.Output.Contains(words, StringComparison.Ordinal), words)).Output;

    private Task<string> FindAnewAsync() => Guest.CheckAsync(
        "echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove; echo 1 >/sys/bus/pci/rescan; test -e $P/$PF/driver");
}
