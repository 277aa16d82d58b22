using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>Linux guests behind QEMU's own virtio-net, which is a vhost-user front-end of a VF.</summary>
[Collection(BedCollection.Name)]
public sealed class GuestTests(BedFixture bed, ITestOutputHelper output)
{
    private const string Alpha = "10.0.0.1";
    private const string Beta = "10.0.0.2";
    private const int CopiedKibibytes = 8 * 1024;

    [Fact]
    public async Task A_vhost_user_guest_and_a_vfio_user_guest_talk_and_policy_holds_for_both()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]");
        await rig.RunAsync(async () =>
        {
            VirtualMachine[] machines = await Task.WhenAll(
                rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
                VhostRig.BootAsync(rig, new VirtualMachineOptions { Name = "beta", Kernel = GuestKernel.Newer, Cpus = 2 }, "net0/1"));
            GuestNic alpha = await rig.FindNicAsync(machines[0], "net0/0");
            GuestNic beta = await rig.FindNicAsync(machines[1], "net0/1");
            await alpha.UpAsync($"{Alpha}/24");
            await beta.UpAsync($"{Beta}/24");
            Assert.Equal("vhost-user", (await rig.Daemon.GetAsync("net0/1")).Attachment?.By);

            Assert.Equal(0, await alpha.PingAsync(Beta, count: 10));
            Assert.Equal(0, await beta.PingAsync(Alpha, count: 10, bytes: 8000));
            (string sent, string arrived) = await alpha.CopyAsync(Alpha, beta, CopiedKibibytes);
            Assert.Equal(sent, arrived);
            (sent, arrived) = await beta.CopyAsync(Beta, alpha, CopiedKibibytes);
            Assert.Equal(sent, arrived);
            output.WriteLine($"{await beta.MeasureTcpAsync(alpha, Alpha):F0} Mbit/s from vhost-user to vfio-user");

            await rig.Daemon.CheckAsync("set", "net0/1", "vlan=100");
            Assert.False(await beta.ReachesAsync(Alpha));
            await rig.Daemon.CheckAsync("set", "net0/0", "vlan=100");
            Assert.Equal(0, await beta.PingAsync(Alpha));
            await beta.CheckAsync("ip link set {0} address 52:54:00:99:99:99");
            Assert.False(await beta.ReachesAsync(Alpha));
            Assert.True((await rig.Daemon.GetAsync("net0/1")).Counters.SpoofDropped > 0);
        });
    }

    [Fact]
    public async Task A_daemon_that_was_restarted_serves_guests_that_never_noticed()
    {
        await using Rig rig = await Rig.StartAsync(
            bed, "adapters: [{name: net0, totalVfs: 4, numVfs: 2, vfs: {0: {transport: vhost-user}, 1: {transport: vhost-user}}}]");
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) = await BootPairAsync(rig);
            Assert.Equal(0, await alpha.PingAsync(Beta));
            Task<(string Sent, string Arrived)> copying = alpha.CopyAsync(Alpha, beta, 16 * 1024);
            await Task.Delay(500);
            await rig.Daemon.RestartAsync(isKilled: true);
            await CameBackAsync(rig, alpha, beta);
            (string sent, string arrived) = await copying;
            Assert.Equal(sent, arrived);
            Assert.Equal(0, await beta.PingAsync(Alpha));

            await rig.Daemon.RestartAsync(isKilled: false);
            await CameBackAsync(rig, alpha, beta);
            Assert.Equal(0, await beta.PingAsync(Alpha));
        });
    }

    [Fact]
    public async Task A_running_guest_gets_a_vf_by_the_monitor_and_gives_it_back()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]");
        await rig.RunAsync(async () =>
        {
            VirtualMachine machine = await rig.BootAsync(new VirtualMachineOptions { Name = "alpha" });
            for (int i = 0; i < 2; i++)
            {
                await rig.Daemon.CheckAsync("attach", "net0/0", "--as", "vhost-user", "--qmp", machine.QmpSocket, "--wait", "90");
                GuestNic nic = await rig.FindNicAsync(machine, "net0/0");
                await nic.UpAsync($"{Alpha}/24");
                await rig.Daemon.WaitForAsync("net0/0", f => f.Counters.TxPackets > 0, "the guest sends");
                await rig.Daemon.CheckAsync("detach", "net0/0");
                Assert.False(machine.HasExited);
            }
        });
    }

    [Fact]
    public async Task A_qemu_too_old_for_vfio_user_has_vfs_too()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]");
        await rig.RunAsync(async () =>
        {
            VmBed old = await bed.Bed.WithReleaseQemuAsync(new Progress<BedProgress>(), CancellationToken.None);
            output.WriteLine($"QEMU {old.QemuVersion} beside {bed.Bed.QemuVersion}");

            // Debian's 7.2.22 uses MSI-X vectors of KVM's although it emulates, and dies of that whatever the back-end is.
            string kernel = old.Accelerator == Accelerator.Tcg ? "pci=nomsi" : "";
            VirtualMachine[] machines = await Task.WhenAll(
                rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
                VhostRig.BootAsync(rig, old, new VirtualMachineOptions { Name = "beta", KernelArguments = kernel }, "net0/1"));
            GuestNic alpha = await rig.FindNicAsync(machines[0], "net0/0");
            GuestNic beta = await rig.FindNicAsync(machines[1], "net0/1");
            await alpha.UpAsync($"{Alpha}/24");
            await beta.UpAsync($"{Beta}/24");
            Assert.Equal(0, await beta.PingAsync(Alpha, count: 10, bytes: 8000));
            (string sent, string arrived) = await beta.CopyAsync(Beta, alpha, CopiedKibibytes);
            Assert.Equal(sent, arrived);
        });
    }

    /// <summary>QEMU took the links down while there was no daemon.</summary>
    private static async Task CameBackAsync(Rig rig, GuestNic alpha, GuestNic beta)
    {
        await rig.Daemon.WaitForAsync("net0/0", f => f.Driver == "driver-ok", "alpha came back");
        await rig.Daemon.WaitForAsync("net0/1", f => f.Driver == "driver-ok", "beta came back");
        await alpha.WaitForLinkAsync();
        await beta.WaitForLinkAsync();
    }

    private static async Task<(GuestNic Alpha, GuestNic Beta)> BootPairAsync(Rig rig)
    {
        VirtualMachine[] machines = await Task.WhenAll(
            VhostRig.BootAsync(rig, new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
            VhostRig.BootAsync(rig, new VirtualMachineOptions { Name = "beta", Kernel = GuestKernel.Newer }, "net0/1"));
        GuestNic alpha = await rig.FindNicAsync(machines[0], "net0/0");
        GuestNic beta = await rig.FindNicAsync(machines[1], "net0/1");
        await alpha.UpAsync($"{Alpha}/24");
        await beta.UpAsync($"{Beta}/24");
        return (alpha, beta);
    }
}
