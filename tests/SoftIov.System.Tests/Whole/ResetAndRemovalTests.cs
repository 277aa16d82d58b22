using SoftIov.Api;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Whole;

/// <summary>What an operating system does to an adapter that it has whole besides using it, by kernel.</summary>
public abstract class ResetAndRemovalTests(WholeRig rig)
{
    private const string BindVfs = "for i in 0 1 2 3; do echo $(vf $i) >$DRIVER/bind; done";
    private const string UnbindVfs = "for i in 0 1 2 3; do echo $(vf $i) >$DRIVER/unbind; done";

    private WholeGuest Guest => rig.Guest;

    [Fact]
    public Task A_pf_that_is_reset_with_vfs_has_them_again_as_linux_restores_it() => ResetWithVfsAsync("echo 1 >$P/$PF/reset");

    /// <summary>Resets a PF that has VFs, by a command of the guest.</summary>
    protected Task ResetWithVfsAsync(string reset) => rig.Rig.RunAsync(async () =>
    {
        // virtio's own PF driver takes its VFs away when it goes; pci-pf-stub leaves the PF alone.
        await Guest.CheckAsync("""
            echo $PF >$DRIVER/unbind; echo pci-pf-stub >$P/$PF/driver_override; echo $PF >/sys/bus/pci/drivers/pci-pf-stub/bind
            """);
        try
        {
            await Guest.EnableAsync(4);
            string mac = (await rig.Rig.Daemon.GetAsync("net0/2")).Mac;
            await Guest.CheckAsync(UnbindVfs);
            await Guest.CheckAsync(reset);
            Assert.Equal("4", (await Guest.CheckAsync("cat $P/$PF/sriov_numvfs")).Trim());
            await Guest.CheckAsync(BindVfs);
            await Guest.ConnectAsync(2, 3);
            Assert.Equal(mac, (await rig.Rig.Daemon.GetAsync("net0/2")).Mac);
        }
        finally
        {
            await Guest.CheckAsync("""
                echo 0 >$P/$PF/sriov_numvfs; echo $PF >/sys/bus/pci/drivers/pci-pf-stub/unbind; echo >$P/$PF/driver_override
                echo $PF >$DRIVER/bind
                """);
        }
    });

    [Theory]
    [InlineData("echo 1 >$P/$PF/remove")]
    [InlineData("echo 1 >$P/$PORT/remove")]
    [InlineData("echo 1 >$P/$PF/remove; setpci -s $PORT BRIDGE_CONTROL=40:40; sleep 0.1; setpci -s $PORT BRIDGE_CONTROL=0:40; sleep 0.2")]
    public Task What_was_removed_with_vfs_is_found_again_without_them(string remove) => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await Guest.CheckAsync($"{remove}; test ! -e $P/$PF");
        Assert.Empty((await rig.Rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions.Skip(1));
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan");
        Assert.Equal("0", (await Guest.CheckAsync("cat $P/$PF/sriov_numvfs")).Trim());
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 3);
    });

    [Fact]
    public Task The_driver_of_the_endpoint_goes_and_comes() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await Guest.CheckAsync("rmmod vmd && test ! -e $P/$PORT");
        await Guest.CheckAsync("insmod /modules/vmd.ko && test -e $P/$PF");
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(1, 2);
    });

    [Fact]
    public Task A_guest_that_reboots_finds_no_vfs_and_enables_them_again() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await rig.Machine.RebootAsync();
        await Guest.WaitForDomainAsync();
        Assert.Equal("0", (await Guest.CheckAsync("cat $P/$PF/sriov_numvfs")).Trim());
        Assert.Empty((await rig.Rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions.Skip(1));
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 1);
    });

    [Fact]
    public Task A_second_adapter_is_plugged_into_the_running_guest_and_out_of_it_in_traffic() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        var second = new WholeGuest(rig.Machine, WholeRig.PlugDomain, 2);
        for (int round = 0; round < 2; round++)
        {
            await rig.Rig.Daemon.CheckAsync("attach", "net1", "--whole", "--qmp", rig.Machine.QmpSocket);
            await second.WaitForDomainAsync();
            await second.EnableAsync(4);
            await second.ConnectAsync(2, 3);
            Assert.Equal(4, (await rig.Rig.Daemon.Client.GetAsync("net1")).Adapters[0].NumVfs);

            Task neighbours = Guest.PingAsync(0, Guest.AddressOf(1), 50);
            await second.CheckAsync($"(ip netns exec v2 ping -q -i 0.01 {second.AddressOf(3)} >/dev/null 2>&1 &)");
            await rig.Rig.Daemon.CheckAsync("detach", "net1");
            await neighbours;
            Assert.False((await second.RunAsync("test -e $P/$PF")).Succeeded);
            AdapterStatus left = (await rig.Rig.Daemon.Client.GetAsync("net1")).Adapters[0];
            Assert.Equal((0, null), (left.NumVfs, left.WholeSocket));
        }

        Assert.False(rig.Machine.HasExited);
    });

    [Fact]
    public Task An_adapter_is_plugged_into_a_port_that_has_room_for_it_or_refused() => rig.Rig.RunAsync(async () =>
    {
        CommandResult refused = await rig.Rig.Daemon.RunAsync("attach", "net3", "--whole", "--qmp", rig.Machine.QmpSocket);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("it takes 16448K of memory and 4M of prefetchable memory", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("firmware left 2M and 2M; 8M and 4M\n", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("mem-reserve=32M,pref64-reserve=8M", refused.Errors, StringComparison.Ordinal);
        Assert.Null((await rig.Rig.Daemon.Client.GetAsync("net3")).Adapters[0].WholeSocket);

        string plugged = await rig.Rig.Daemon.CheckAsync("attach", "net2", "--whole", "--qmp", rig.Machine.QmpSocket);
        Assert.Contains("behind roomy", plugged, StringComparison.Ordinal);
        var second = new WholeGuest(rig.Machine, WholeRig.PlugDomain, 2);
        await second.WaitForDomainAsync();
        await second.EnableAsync(64, withDrivers: false);
        await second.CheckAsync("echo 1 >$P/$PF/sriov_drivers_autoprobe; for i in 0 63; do echo $(vf $i) >$DRIVER/bind || exit 1; done");
        await second.ConnectAsync(0, 63);
        await rig.Rig.Daemon.CheckAsync("detach", "net2");
        Assert.False(rig.Machine.HasExited);
    });
}
