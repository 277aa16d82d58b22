using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Nvme;

/// <summary>
/// Resets, removal and hot-plug of an NVMe adapter that a guest has whole, in I/O that is verified: docs/guide/whole.md says in words what the
/// stock driver does. Data belong to the adapter, so they survive all of it.
/// </summary>
[Collection(BedCollection.Name)]
public sealed class WholeDiskResetTests(WholeDiskRig rig) : IClassFixture<WholeDiskRig>
{
    private const string PhysicalAnew = "echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove; echo 1 >/sys/bus/pci/rescan";

    /// <summary>The driver turns a controller on that something turned off besides itself.</summary>
    private const string TurnedOn = "enabling device";

    private WholeDiskGuest Guest => rig.Guest;

    [Fact]
    public Task A_vf_that_is_reset_goes_on_and_its_neighbour_does_not_notice() => rig.RunAsync(async () =>
    {
        const int Resets = 2;
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        for (int i = 0; i < Resets; i++)
        {
            await Guest.CheckAsync("echo 1 >$P/$(vf 0)/reset");
            await Guest.GoOnAsync(0);
        }

        await Guest.GoOnAsync(1);
        await Guest.StopAsync(0, 1);
        string log = await Guest.CheckAsync("dmesg");
        Assert.Equal(Resets, Regex.Count(log, $"10000:01:00.1: {TurnedOn}"));
        Assert.DoesNotContain("10000:01:00.2", log, StringComparison.Ordinal);
        Assert.DoesNotMatch("nvme.*(timeout|abort|error)", log);
    });

    [Fact]
    public Task VFs_of_a_pf_that_is_reset_come_back_by_timeout_or_when_they_are_reset_too() => rig.RunAsync(async () =>
    {
        await Guest.HurryAsync(0);
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        await Guest.CheckAsync("echo 1 >$P/$PF/reset; test $(cat $P/$PF/sriov_numvfs) = 4");
        AdapterStatus adapter = (await rig.Rig.Daemon.Client.GetAsync("disk0")).Adapters[0];
        Assert.Equal("ready", adapter.Functions[0].Driver);
        Assert.All(adapter.Functions.Skip(2), vf => Assert.Equal("disabled", vf.Driver)); // Linux restored them, and told no driver
        await Guest.CheckAsync("for i in 1 2 3; do nvme reset /dev/$(controller $(vf $i)) || exit 1; done");
        await Guest.GoOnAsync(1);
        await Guest.GoOnAsync(0);
        await Guest.StopAsync(0, 1);
        string log = await Guest.CheckAsync("dmesg");
        Assert.Contains("timeout, aborting", log, StringComparison.Ordinal);
        Assert.Contains("timeout, reset controller", log, StringComparison.Ordinal);
        Assert.DoesNotContain("I/O error", log, StringComparison.Ordinal);
    });

    [Fact]
    public Task All_functions_go_on_after_the_port_reset_its_bus() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(1);
        await Guest.CheckAsync("echo 1 >$P/$PORT/reset_subordinate; test $(cat $P/$PF/sriov_numvfs) = 4");
        await Guest.GoOnAsync(0);
        await Guest.GoOnAsync(1);
        await Guest.StopAsync(0, 1);
        string log = await Guest.CheckAsync("dmesg");
        Assert.Equal(WholeDiskGuest.Vfs, Regex.Count(log, $"10000:01:00.[1-4]: {TurnedOn}"));
        Assert.DoesNotMatch("nvme.*(timeout|error)", log);
    });

    [Theory]
    [InlineData("setpci -s $PORT BRIDGE_CONTROL=40:40; sleep 0.1; setpci -s $PORT BRIDGE_CONTROL=0:40", PhysicalAnew)]
    [InlineData("echo 1 >$P/$PORT/remove", "echo 1 >/sys/bus/pci/rescan")]
    [InlineData("rmmod vmd", "insmod /modules/vmd.ko")]
    public Task What_was_taken_away_in_io_comes_back_with_its_data(string take, string bring) => rig.RunAsync(async () =>
    {
        await Guest.HurryAsync(0);
        await Guest.LoadAsync(0);
        await Guest.CheckAsync(take);
        await Guest.FailAsync(0);
        await Guest.CheckAsync(bring);
        await Guest.WaitForPhysicalAsync();
        Assert.Single((await rig.Rig.Daemon.Client.GetAsync("disk0")).Adapters[0].Functions);
        await Guest.EnableAsync();
    });

    [Fact]
    public Task VFs_outlive_a_pf_that_is_removed_without_disabling_them() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.CheckAsync("echo 1 >$P/$PF/remove; test ! -e $P/$PF");
        await Guest.GoOnAsync(0);
        await Guest.StopAsync(0);
        await Guest.LogWithAsync("driver left SR-IOV enabled");

        // Without removing them too the PF that is found anew would collide with VFs of the one before.
        await Guest.CheckAsync("echo 1 >$P/$PORT/remove; test ! -e $P/$(vf 0); echo 1 >/sys/bus/pci/rescan");
        await Guest.WaitForPhysicalAsync();
        await Guest.EnableAsync();
    });

    [Fact]
    public Task A_guest_that_reboots_in_io_finds_its_data() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await rig.Machine.RebootAsync();
        await Guest.WaitForPhysicalAsync();
        await Guest.EnableAsync();
    });

    [Fact]
    public Task An_adapter_is_unplugged_in_io_and_plugged_in_again_with_its_data() => rig.RunAsync(async () =>
    {
        await Guest.LoadAsync(0);
        await Guest.LoadAsync(3);
        await rig.Rig.Daemon.CheckAsync("detach", "disk0", "--qmp", rig.Machine.QmpSocket);
        await Guest.FailAsync(0);
        await Guest.FailAsync(3);
        await Guest.CheckAsync("test ! -e $P/$PORT && test -z \"$(ls /sys/block | grep nvme)\"");
        AdapterStatus left = (await rig.Rig.Daemon.Client.GetAsync("disk0")).Adapters[0];
        Assert.Equal((0, null), (left.NumVfs, left.WholeSocket));
        await rig.Rig.Daemon.CheckAsync("attach", "disk0", "--whole", "--qmp", rig.Machine.QmpSocket);
        await Guest.WaitForPhysicalAsync();
        await Guest.EnableAsync();
        Assert.False(rig.Machine.HasExited);
    });
}
