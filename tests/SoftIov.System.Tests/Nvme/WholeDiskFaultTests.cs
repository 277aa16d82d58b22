using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>
/// What the stock NVMe driver does about injected faults in I/O, and that neighbours go on: docs/guide/inject.md says it in words. All in one
/// machine; each test leaves PF and VFs in order.
/// </summary>
[Collection(BedCollection.Name)]
public sealed class WholeDiskFaultTests(WholeDiskRig rig) : IClassFixture<WholeDiskRig>
{
    private const string Write = "dd if=/dev/zero of=/dev/$(disk 0) bs=4k count=20 oflag=direct 2>&1";

    private WholeDiskGuest Guest => rig.Guest;

    [Fact]
    public Task After_a_fatal_error_linux_resets_the_link_and_all_functions_go_on() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        await InjectAsync("disk0/pf", "aer", "error=malformed-tlp");
        string log = await Guest.LogWithAsync("device recovery (successful|failed)");
        Assert.Matches(@"Uncorrect(ed|able) \(Fatal\) [Ee]rror message received from 10000:01:00.0", log);
        foreach (string name in await Guest.ControllersAsync())
            Assert.Matches($"{name}: frozen state error detected, reset controller(?s:.*){name}: restart after slot reset", log);
        Assert.Contains("device recovery successful", log, StringComparison.Ordinal);
        await Guest.GoOnAsync(0);
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(0, 1);
    });

    [Fact]
    public Task Other_errors_are_logged_against_their_function_and_harm_nothing() => rig.RunAsync(async () =>
    {
        (string Error, string Logged)[] errors =
        [
            ("poisoned", "[12] TLP"), ("completion-timeout", "[14] CmpltTO"), ("completer-abort", "[15] CmpltAbrt"),
            ("unexpected-completion", "[16] UnxCmplt"), ("unsupported-request", "[20] UnsupReq"),
        ];
        await Guest.LoadAsync(1);
        foreach ((string error, string logged) in errors)
        {
            await InjectAsync("disk0/1", "aer", $"error={error}");
            string[] words = logged.Split(' ');
            await Guest.LogWithAsync($@"10000:01:00.2: +\{words[0]} {words[1]}(?s:.*)device recovery successful");
        }

        await InjectAsync("disk0/pf", "aer", "error=bad-tlp");
        string log = await Guest.LogWithAsync("BadTLP");
        Assert.Matches("10000:01:00.0: PCIe Bus Error: severity=Correct(ed|able)", log);
        Assert.DoesNotContain("reset controller", log, StringComparison.Ordinal);
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(1);
    });

    [Theory]
    [InlineData("poisoned")]
    [InlineData("dma-fault")]
    public Task Data_that_do_not_pass_are_asked_for_again_until_that_is_in_vain(string fault) => rig.RunAsync(async () =>
    {
        const string Failure = @"I/O Error \(sct 0x0 / sc 0x4\)";
        await Guest.LoadAsync(1);
        long errors = await ErrorsAsync(0);
        await InjectAsync("disk0/0", fault);
        await Guest.CheckAsync($"dd if=/dev/$(disk 0) of=/dev/null bs=4k count=20 iflag=direct 2>&1 && {Write}");
        Assert.Empty((await rig.Rig.Daemon.Client.InjectAsync(new InjectRequest("disk0"))).InForce);
        Assert.Equal(errors + 1, await ErrorsAsync(0));
        if (fault == "poisoned")
            await Guest.LogWithAsync(@"10000:01:00.1: +\[12\] TLP(?s:.*)device recovery successful");
        Assert.DoesNotMatch(Failure, await Guest.CheckAsync("dmesg"));

        await InjectAsync("disk0/0", fault, "count=100");
        GuestResult failed = await Guest.RunAsync(Write);
        Assert.False(failed.Succeeded, failed.Output);
        await Guest.LogWithAsync(Failure);
        await InjectAsync("disk0/0", "clear");
        await Guest.CheckAsync(Write);
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(1);
        Assert.Equal(0, await ErrorsAsync(1));
    });

    [Fact]
    public Task A_lost_interrupt_costs_a_timeout_and_one_that_comes_twice_nothing() => rig.RunAsync(async () =>
    {
        await Guest.HurryAsync(0);
        await Guest.LoadAsync(1);
        await InjectAsync("disk0/0", "lost-msi");
        await Guest.CheckAsync(Write);
        await Guest.LogWithAsync("timeout, completion polled");
        await InjectAsync("disk0/1", "duplicate-msi", "count=50");
        await Eventually.GetAsync(
            () => rig.Rig.Daemon.Client.InjectAsync(new InjectRequest("disk0")), answer => answer.InForce.Count == 0, "50 interrupts");
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(1);
        string neighbour = (await Guest.ControllersAsync())[2];
        Assert.DoesNotMatch($"{neighbour}: |nobody cared", await Guest.CheckAsync("dmesg"));
    });

    [Theory]
    [InlineData("vf-enable-clear", "true")]
    [InlineData("link-down", "echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove; echo 1 >/sys/bus/pci/rescan")]
    public Task Controllers_that_are_gone_are_given_up_and_come_back_with_their_data(string fault, string bring) => rig.RunAsync(async () =>
    {
        await Guest.HurryAsync(0);
        await Guest.LoadAsync(0);
        await InjectAsync("disk0", fault);
        await Guest.FailAsync(0);
        await Guest.LogWithAsync("controller is down; will reset: CSTS=0xffffffff");
        Assert.Equal("4\n", await Guest.CheckAsync("cat $P/$PF/sriov_numvfs"));
        Assert.Single((await rig.Rig.Daemon.Client.GetAsync("disk0")).Adapters[0].Functions);
        await InjectAsync("disk0", "clear");
        await Guest.CheckAsync(bring);
        await Guest.EnableAsync();
    });

    [Fact]
    public Task Linux_waits_for_functions_that_are_late_after_a_reset() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        await InjectAsync("disk0/0", "late", "ms=3000"); // Linux says so from 1123 ms on
        await Guest.CheckAsync("echo 1 >$P/$(vf 0)/reset");
        await Guest.LogWithAsync("10000:01:00.1: ready [0-9]+ms after FLR");
        await Guest.GoOnAsync(0);
        await InjectAsync("disk0/0", "clear"); // it would be late when Linux restores it too
        await InjectAsync("disk0/pf", "late", "ms=3000");
        await Guest.CheckAsync("echo 1 >$P/$PF/reset; for i in $VFS; do nvme reset /dev/$(controller $(vf $i)) || exit 1; done");
        await Guest.LogWithAsync("10000:01:00.0: ready [0-9]+ms after FLR");
        await Guest.GoOnAsync(0);
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(0, 1);
    });

    [Fact]
    public Task Linux_does_not_wait_for_a_vf_that_is_late_when_it_is_enabled() => rig.RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs");
        await InjectAsync("disk0/1", "late", "ms=60000");
        await Guest.CheckAsync("echo 4 >$P/$PF/sriov_numvfs; for i in 0 2 3; do wait_for \"is_live $i\"; done; test ! -e $P/$(vf 1)/driver");
        await InjectAsync("disk0/1", "clear");

        // A PF that is found anew it asks again and again.
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove");
        await InjectAsync("disk0/pf", "retry", "ms=3000");
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan");
        await Guest.LogWithAsync("01:00.0: ready after [0-9]+ms");
        await Guest.WaitForPhysicalAsync();
        await Guest.EnableAsync();
    });

    [Fact]
    public Task With_config_reads_of_all_ones_io_goes_on_until_the_controller_is_reset() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        await InjectAsync("disk0/0", "all-ones");
        await Guest.GoOnAsync(0);
        GuestResult reset = await Guest.RunAsync("nvme reset /dev/$(controller $(vf 0))");
        Assert.False(reset.Succeeded, reset.Output);
        await Guest.FailAsync(0);
        await InjectAsync("disk0/0", "clear");
        await Guest.CheckAsync("echo $(vf 0) >$DRIVER/unbind; echo $(vf 0) >$DRIVER/bind; wait_for 'is_live 0'");
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(1);
    });

    private Task<string> InjectAsync(params string[] arguments) => rig.Rig.Daemon.CheckAsync(["inject", .. arguments]);

    private async Task<long> ErrorsAsync(int vf) => ((NvmeFunctionStatus)await rig.Rig.Daemon.FunctionAsync($"disk0/{vf}")).Counters.Errors;
}
