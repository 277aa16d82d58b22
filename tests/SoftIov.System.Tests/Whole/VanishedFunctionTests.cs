using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Whole;

/// <summary>
/// Functions that vanish under their drivers: virtio's wait for ever for their reset, and what they hold then, no other command gets. So each
/// test has a machine of its own.
/// </summary>
[Collection(BedCollection.Name)]
public sealed class VanishedFunctionTests
{
    /// <summary>
    /// Runs a command that hangs, in the background; prints the first stack in which it waits for the reset, or nothing. Asked for again and
    /// again, since a task in the middle of its own poll has no stack to show.
    /// </summary>
    private const string AfterAWhile =
        " & for i in $(seq 60); do sleep 0.5; grep vp_reset /proc/$!/stack 2>/dev/null && break; done; kill -0 $! && echo waits";

    [Fact]
    public Task Without_vf_enable_vfs_that_have_drivers_cannot_be_disabled() => RunAsync(async (rig, guest) =>
    {
        await guest.EnableAsync(4);
        await rig.Daemon.CheckAsync("inject", "net0", "vf-enable-clear");
        string seen = await guest.CheckAsync("cat $P/$PF/sriov_numvfs; readlink $P/$(vf 0)/driver; lspci -xs $(vf 0)");
        Assert.StartsWith("4\n", seen, StringComparison.Ordinal);
        Assert.Contains("/virtio-pci\n", seen, StringComparison.Ordinal);
        Assert.Contains("00: ff ff ff ff", seen, StringComparison.Ordinal);
        AssertWaits(await guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs" + AfterAWhile));
    });

    [Fact]
    public Task After_a_fatal_error_a_pf_that_has_its_driver_cannot_be_removed() => RunAsync(async (rig, guest) =>
    {
        await rig.Daemon.CheckAsync("inject", "net0/pf", "aer", "error=malformed-tlp");
        await Eventually.GetAsync(
            () => guest.RunAsync("dmesg"), log => log.Output.Contains("device recovery failed", StringComparison.Ordinal), "recovery");
        Assert.Contains("/virtio-pci\n", await guest.CheckAsync("readlink $P/$PF/driver"), StringComparison.Ordinal);
        AssertWaits(await guest.CheckAsync("echo 1 >$P/$PF/remove" + AfterAWhile));
    });

    [Fact]
    public Task Below_a_link_that_is_down_drivers_carry_nothing_and_do_not_go() => RunAsync(async (rig, guest) =>
    {
        await guest.EnableAsync(4);
        await guest.ConnectAsync(0, 1);
        await rig.Daemon.CheckAsync("inject", "net0", "link-down");
        Assert.Contains(" 100% packet loss", (await guest.PingAnyhowAsync(0, guest.AddressOf(1))).Output, StringComparison.Ordinal);
        AssertWaits(await guest.CheckAsync("echo 1 >$P/$PF/remove" + AfterAWhile));
        await rig.Daemon.CheckAsync("inject", "net0", "clear");
    });

    [Theory]
    [InlineData(GuestKernel.StableGeneric)]
    [InlineData(GuestKernel.NewerGeneric)]
    public Task A_vf_that_is_reset_in_its_own_traffic_costs_its_neighbours_nothing(GuestKernel kernel) => RunAsync(
        async (rig, guest) =>
        {
            await guest.EnableAsync(4);
            await guest.ConnectAsync(0, 1);
            await guest.ConnectAsync(2, 3);
            await guest.CheckAsync($"(ip netns exec v3 ping -q -i 0.01 {guest.AddressOf(2)} >/dev/null 2>&1 &)");
            await rig.Daemon.WaitForAsync("net0/3", f => f.Counters.TxPackets > 50, "traffic");
            Task neighbours = guest.PingAsync(0, guest.AddressOf(1), 60);
            for (int round = 0; round < 3; round++)
                await guest.CheckAsync("echo 1 >$P/$(vf 3)/reset");
            await neighbours;
            NetFunctionStatus reset = await rig.Daemon.GetAsync("net0/3");
            Assert.DoesNotContain("needs-reset", reset.Driver, StringComparison.Ordinal);
            await guest.PingAsync(1, guest.AddressOf(0));
        },
        kernel);

    private static void AssertWaits(string seen)
    {
        Assert.Contains("vp_reset", seen, StringComparison.Ordinal);
        Assert.EndsWith("waits\n", seen, StringComparison.Ordinal);
    }

    private static async Task RunAsync(Func<Rig, WholeGuest, Task> body, GuestKernel kernel = GuestKernel.StableGeneric)
    {
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "vanished", Kernel = kernel },
            "adapters: [{name: net0, totalVfs: 16, whole: true}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            await body(rig, guest);
        });
    }
}
