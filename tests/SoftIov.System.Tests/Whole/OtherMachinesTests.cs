using System.Diagnostics;
using System.Globalization;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>Machines and adapters of other shapes; each test has a rig of its own.</summary>
[Collection(BedCollection.Name)]
public sealed class OtherMachinesTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_thousand_vfs_over_several_buses()
    {
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "many", Kernel = GuestKernel.NewerGeneric },
            "adapters: [{name: net0, totalVfs: 1000, whole: true}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            foreach (int count in (int[])[64, 255, 300, 1000])
            {
                double seconds = await guest.EnableAsync(count, withDrivers: false);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} VFs: {seconds:F2} s"));
                Assert.Equal($"{count + 1}", (await guest.CheckAsync("ls -d $P/$D:0[1-9]:* | wc -l")).Trim());
                Assert.Equal(count, (await rig.Daemon.Client.GetAsync("net0")).Adapters[0].NumVfs);
            }

            // Where the kernel put the apertures, one after the other, and what answers in the first and the last.
            string[] starts = (await guest.CheckAsync("for i in 0 1 254 255 999; do awk 'NR == 5 {print $1}' $P/$(vf $i)/resource; done"))
                .TrimEnd().Split('\n');
            long[] apertures = [.. starts.Select(start => Convert.ToInt64(start, 16))];
            long size = apertures[1] - apertures[0];
            Assert.Equal([size, 254 * size, 255 * size, 999 * size], apertures[1..].Select(start => start - apertures[0]));
            await guest.CheckAsync("echo 1 >$P/$PF/sriov_drivers_autoprobe");
            await guest.CheckAsync("for i in 0 255 999; do echo $(vf $i) >$DRIVER/bind || exit 1; done");
            await guest.ConnectAsync(0, 999);
            await guest.PutAsync(255);
            await guest.PingAsync(255, guest.AddressOf(999));
            Assert.Equal("", await guest.WarningsAsync());
        });
    }

    [Fact]
    public async Task Sixty_four_vfs_all_with_their_drivers()
    {
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "bound", Kernel = GuestKernel.NewerGeneric }, "adapters: [{name: net0, totalVfs: 64, whole: true}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            double seconds = await guest.EnableAsync(64);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"64 VFs with drivers: {seconds:F2} s"));
            Assert.Equal("65", (await guest.CheckAsync("ls -d $P/$D:01:*/virtio*/net/* | wc -l")).Trim());
            Assert.All((await rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions, vf => Assert.Equal("driver-ok", vf.Driver));
            await guest.ConnectAsync(0, 63);
            Assert.Equal("", await guest.WarningsAsync());
        });
    }

    [Fact]
    public async Task Pf_and_vfs_reach_the_host_through_an_uplink_that_comes_and_goes()
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "making a tap needs root and /dev/net/tun");
        const string Tap = "softiov-t1";
        const string HostAddress = "10.1.200.1";
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "uplink", Kernel = GuestKernel.StableGeneric },
            $"adapters: [{{name: net0, totalVfs: 16, whole: true, uplink: {{tap: {{name: {Tap}, create: true}}}}}}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            await HostAsync($"ip addr add {HostAddress}/16 dev {Tap} && ip link set {Tap} up");
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            await guest.EnableAsync(4);
            await guest.PutAsync(-1);
            await guest.ConnectAsync(0, 3);
            await guest.PingAsync(-1, HostAddress);
            await guest.PingAsync(3, HostAddress);
            await HostAsync($"ping -q -c 3 -i 0.2 -W 5 {guest.AddressOf(0)}");

            await rig.Daemon.CheckAsync("set", "net0", "uplink=none");
            await guest.PingAsync(0, guest.AddressOf(3));
            await rig.Daemon.CheckAsync("set", "net0", $"uplink=tap:{Tap}:create");
            await HostAsync($"ip addr add {HostAddress}/16 dev {Tap} && ip link set {Tap} up");
            await rig.Daemon.WaitForAsync("net0/3", vf => vf.LinkUp, "the tap's carrier");
            await guest.WaitForLinkAsync(3);
            await guest.CheckAsync("ip -n v3 neigh flush all"); // the new tap has another MAC address
            await guest.PingAsync(3, HostAddress);
        });
    }

    [Theory]
    [InlineData(GuestKernel.StableGeneric)]
    [InlineData(GuestKernel.NewerGeneric)]
    public async Task A_guest_that_remaps_dma_and_interrupts(GuestKernel kernel)
    {
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "iommu", Kernel = kernel, Iommu = true },
            "adapters: [{name: net0, totalVfs: 16, whole: true}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            await guest.EnableAsync(4);
            await guest.ConnectAsync(0, 3);
            Assert.Contains("IR-PCI-MSI", await guest.CheckAsync("grep virtio /proc/interrupts"), StringComparison.Ordinal);
            string groups = await guest.CheckAsync("for f in $PORT $PF $(vf 0) $(vf 3); do readlink -f $P/$f/iommu_group; done | sort -u");
            Assert.Single(groups.TrimEnd().Split('\n'));
        });
    }

    [Theory]
    [InlineData(GuestKernel.StableGeneric)]
    [InlineData(GuestKernel.NewerGeneric)]
    public async Task Interrupts_that_the_endpoint_remaps_work_too(GuestKernel kernel)
    {
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(
            new VirtualMachineOptions { Name = "remapped", Kernel = kernel },
            "adapters: [{name: net0, totalVfs: 16, whole: true, wholeInterrupts: remapped}]");
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            Assert.Contains("[8086:a77f]", await guest.CheckAsync("lspci -nn"), StringComparison.Ordinal);
            await guest.EnableAsync(4);
            await guest.ConnectAsync(0, 3);
            Assert.Contains("VMD-", await guest.CheckAsync("grep virtio /proc/interrupts"), StringComparison.Ordinal);
            Assert.Equal("", await guest.WarningsAsync());
        });
    }

    [Fact]
    public async Task A_daemon_that_is_gone_leaves_the_guest_alive_and_serves_it_again()
    {
        var options = new VirtualMachineOptions { Name = "orphan", Kernel = GuestKernel.NewerGeneric };
        const string Configuration = "adapters: [{name: net0, totalVfs: 16, whole: true}]";
        (Rig rig, VirtualMachine machine) = await WholeRig.StartAsync(options, Configuration);
        await using Rig owner = rig;
        await rig.RunAsync(async () =>
        {
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            await guest.EnableAsync(2);
            await guest.ConnectAsync(0, 1);
            Assert.Equal(0, await rig.Daemon.TerminateAsync());
            Assert.Equal("ffff", (await guest.CheckAsync("setpci -s $PF VENDOR_ID")).Trim());
            Assert.False(machine.HasExited);

            // QEMU up to 11.1.3 aborts when it is reset with a device whose server is gone. A reset ends an unplug that the guest does not.
            Assert.Contains(" 8086:28c0", await guest.CheckAsync("lspci -n"), StringComparison.Ordinal);
            await machine.ResetWithoutAsync("softiov-net0");
            Assert.DoesNotContain(" 8086:28c0", await machine.CheckAsync("lspci -n"), StringComparison.Ordinal);
        });

        // The daemon comes back with the adapter still given away, and the same machine gets it again.
        await rig.Daemon.RestartAsync(isKilled: false);
        await rig.RunAsync(async () =>
        {
            Assert.NotNull((await rig.Daemon.Client.GetAsync("net0")).Adapters[0].WholeSocket);
            await rig.Daemon.CheckAsync("attach", "net0", "--whole", "--qmp", machine.QmpSocket);
            var guest = new WholeGuest(machine, "10000", 1);
            await guest.WaitForDomainAsync();
            await guest.EnableAsync(2);
            await guest.ConnectAsync(0, 1);
        });
    }

    private static async Task HostAsync(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: {output}");
    }
}
