using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>VFs that come to running guests and go from them, by <c>softiov attach</c> and <c>softiov detach</c>.</summary>
[Collection(BedCollection.Name)]
public sealed class HotPlugTests(PairRig pair, ITestOutputHelper output) : IClassFixture<PairRig>
{
    private DaemonProcess Daemon => pair.Rig.Daemon;

    [Fact]
    public Task A_vf_plugged_into_a_running_guest_works_and_is_not_unplugged_by_mistake() => pair.Rig.RunAsync(async () =>
    {
        output.WriteLine(await Daemon.CheckAsync("attach", "net0/2", "--qmp", pair.Alpha.Machine.QmpSocket));
        Assert.Equal("driver-ok", (await Daemon.GetAsync("net0/2")).Driver);
        GuestNic nic = await pair.Rig.FindNicAsync(pair.Alpha.Machine, "net0/2");
        await pair.Alpha.CheckAsync($"ip link set {nic.Name} up; ip addr add 10.2.0.1/24 dev {nic.Name}");
        await pair.Beta.CheckAsync("ip addr add 10.2.0.2/24 dev {0}");
        Assert.Equal(0, await nic.PingAsync("10.2.0.2"));

        CommandResult refused = await Daemon.RunAsync("detach", "net0/2");
        output.WriteLine(refused.Errors);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("MSI-X", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await nic.PingAsync("10.2.0.2"));
        await pair.Beta.CheckAsync("ip addr del 10.2.0.2/24 dev {0}");
    });

    [Fact]
    public Task A_vf_without_msix_is_plugged_and_unplugged_again_and_again() => pair.Rig.RunAsync(async () =>
    {
        await pair.Alpha.CheckAsync("ip addr add 10.3.0.1/24 dev {0}");
        for (int round = 0; round < 2; round++)
        {
            await Daemon.CheckAsync("attach", "net0/3", "--qmp", pair.Beta.Machine.QmpSocket);
            GuestNic nic = await pair.Rig.FindNicAsync(pair.Beta.Machine, "net0/3");
            await nic.UpAsync("10.3.0.2/24");
            Assert.Contains("MSI-X", await nic.CheckAsync("lspci -vv -d 1af4:1041"), StringComparison.Ordinal); // the first one
            Assert.Equal(0, await nic.PingAsync("10.3.0.1"));
            output.WriteLine(await Daemon.CheckAsync("detach", "net0/3", "--qmp", pair.Beta.Machine.QmpSocket));
            Assert.Null((await Daemon.GetAsync("net0/3")).Attachment);
            Assert.False((await pair.Beta.Machine.RunAsync($"test -e /sys/class/net/{nic.Name}")).Succeeded);
        }

        Assert.False(pair.Beta.Machine.HasExited);
        Assert.Equal(0, await pair.Beta.PingAsync(PairRig.AlphaAddress));
        await pair.Alpha.CheckAsync("ip addr del 10.3.0.1/24 dev {0}");
    });

    [Fact]
    public Task A_vf_in_use_is_not_given_to_another_guest() => pair.Rig.RunAsync(async () =>
    {
        CommandResult refused = await Daemon.RunAsync("attach", "net0/0", "--qmp", pair.Beta.Machine.QmpSocket);
        output.WriteLine(refused.Errors);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(pair.Alpha.Machine.ProcessId, (await Daemon.GetAsync("net0/0")).Attachment!.ProcessId);
        Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress));
    });
}
