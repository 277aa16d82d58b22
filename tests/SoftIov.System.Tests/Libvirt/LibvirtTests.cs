using System.Xml.Linq;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace SoftIov.SystemTests.Libvirt;

/// <summary>
/// A real libvirtd, whose QEMUs run as a user of their own as they do by default, is given what <c>softiov attach --libvirt</c> prints. It holds
/// each domain against its own schema.
/// </summary>
[Collection(BedCollection.Name)]
public sealed class LibvirtTests(BedFixture bed, LibvirtFixture libvirt, ITestOutputHelper output) : IClassFixture<LibvirtFixture>
{
    private const string Tap = "softiov-lv0";
    private const string FirstNet = "10.79.0";
    private const string SecondNet = "10.79.1";
    private const string Configuration =
        $"adapters: [{{name: net0, totalVfs: 4, numVfs: 2, uplink: {{tap: {{name: {Tap}, create: true}}}}, " +
        "vfs: {0: {transport: vhost-user, owner: '64055'}}}]";

    [Fact]
    public Task A_domain_boots_with_a_VF_and_gets_and_loses_another_one_while_it_runs() => RunAsync(async (rig, libvirt) =>
    {
        PrintedXml first = await PrintedXml.OfAsync(rig.Daemon, "net0/0", LibvirtHost.QemuUser);
        XElement domain = libvirt.NewDomain("alpha");
        domain.Element("devices")!.Add(first.Function);
        BedException refused = await Assert.ThrowsAsync<BedException>(async () => await (await libvirt.BootAsync(domain)).RunAsync(""));
        Assert.Contains("requires shared memory", refused.Message, StringComparison.Ordinal);
        domain.Add(first.Memory);
        using LibvirtGuest alpha = await libvirt.BootAsync(domain);
        await ReachTheHostAsync(rig, alpha, "net0/0", FirstNet);
        await CheckAsync(alpha, "lspci | grep -q 'Ethernet controller.*Virtio 1.0'");

        string file = Path.Combine(libvirt.Folder, "second.xml");
        await File.WriteAllTextAsync(file, (await PrintedXml.OfAsync(rig.Daemon, "net0/1", LibvirtHost.QemuUser)).Text);
        for (int i = 0; i < 2; i++)
        {
            await libvirt.VirshAsync(["attach-device", "alpha", file, "--live"]);
            await ReachTheHostAsync(rig, alpha, "net0/1", SecondNet);
            string mac = (await rig.Daemon.GetAsync("net0/1")).Mac;
            string listed = await libvirt.VirshAsync(["domiflist", "alpha"]);
            Assert.Contains(mac, listed, StringComparison.Ordinal);
            await libvirt.VirshAsync(["detach-device", "alpha", file, "--live"]);
            await rig.Daemon.WaitForAsync("net0/1", f => f.Attachment is null, "QEMU let it go");
            await Eventually.GetAsync(() => alpha.RunAsync($"grep -il '^{mac}$' /sys/class/net/*/address"), r => !r.Succeeded, "the guest lost it");
            await Eventually.GetAsync(
                () => libvirt.VirshAsync(["domiflist", "alpha"]), list => !list.Contains(mac, StringComparison.Ordinal), "libvirt knows it no more");
        }

        await rig.Daemon.RestartAsync(isKilled: true);
        await HostAddressAsync(FirstNet);
        await rig.Daemon.WaitForAsync("net0/0", f => f.Driver == "driver-ok", "QEMU connected again");
        await PingAsync(alpha, FirstNet);
        await libvirt.VirshAsync(["destroy", "alpha"]);
        await rig.Daemon.WaitForAsync("net0/0", f => f.Attachment is null, "QEMU has ended");
    });

    [Fact]
    public Task A_domain_has_a_VF_as_PCI_function_by_arguments_that_libvirt_hands_on() => RunAsync(async (rig, libvirt) =>
    {
        PrintedXml first = await PrintedXml.OfAsync(rig.Daemon, "net0/0", LibvirtHost.QemuUser);
        PrintedXml second = await PrintedXml.OfAsync(rig.Daemon, "net0/1", LibvirtHost.QemuUser, "--as", "vfio-user");
        XElement domain = libvirt.NewDomain("beta");
        domain.Add(second.Memory, second.Function);
        domain.Element("devices")!.Add(first.Function);
        using LibvirtGuest beta = await libvirt.BootAsync(domain);
        await ReachTheHostAsync(rig, beta, "net0/1", SecondNet);
        await ReachTheHostAsync(rig, beta, "net0/0", FirstNet);
        Assert.Equal("vfio-user", (await rig.Daemon.GetAsync("net0/1")).Attachment!.By);
        Assert.Equal(LibvirtHost.QemuUser, (int)(await rig.Daemon.GetAsync("net0/1")).Attachment!.UserId);
        await libvirt.VirshAsync(["destroy", "beta"]);
    });

    private async Task RunAsync(Func<Rig, LibvirtHost, Task> body)
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "libvirtd and a tap need root and /dev/net/tun");
        await using Rig rig = await Rig.StartAsync(bed, Configuration);
        File.SetUnixFileMode(rig.Daemon.Folder, File.GetUnixFileMode(rig.Daemon.Folder) | UnixFileMode.OtherExecute);
        LibvirtHost host = libvirt.Host;
        output.WriteLine(await host.VirshAsync(["version"]));
        await rig.RunAsync(async () =>
        {
            try
            {
                await body(rig, host);
            }
            catch (Exception error)
            {
                throw new XunitException($"{error.Message}\n{error.StackTrace}\n{host.Log}", error);
            }
        });
    }

    /// <summary>The guest finds the VF, by its address, and has a network of its own with the host over it.</summary>
    private static async Task ReachTheHostAsync(Rig rig, LibvirtGuest guest, string target, string net)
    {
        string mac = (await rig.Daemon.GetAsync(target)).Mac;
        GuestResult found = await Eventually.GetAsync(
            () => guest.RunAsync($"grep -il '^{mac}$' /sys/class/net/*/address"), r => r.Succeeded, $"an interface with {mac}");
        string name = found.Output.Split('/')[4];
        await HostAddressAsync(net);
        await CheckAsync(guest, $"ip link set {name} up && ip addr add {net}.1/24 dev {name}");
        await rig.Daemon.WaitForAsync(target, f => f.Driver == "driver-ok", "the guest's driver has it");
        await PingAsync(guest, net);
    }

    /// <summary>The host's end, which goes with the tap of a daemon that ends.</summary>
    private static Task<string> HostAddressAsync(string net) =>
        HostCommand.CheckAsync($"ip addr replace {net}.254/24 dev {Tap} && ip link set {Tap} up");

    /// <summary>What was lost before both ends knew each other is no loss of the VF's.</summary>
    private static async Task PingAsync(LibvirtGuest guest, string net)
    {
        await Eventually.GetAsync(() => guest.RunAsync($"ping -c 1 -W 2 {net}.254"), r => r.Succeeded, $"{guest.Name}: an answer of {net}.254");
        string told = await CheckAsync(guest, $"ping -c 5 -i 0.2 -W 5 -s 1400 {net}.254");
        Assert.Contains(" 0% packet loss", told, StringComparison.Ordinal);
    }

    private static async Task<string> CheckAsync(LibvirtGuest guest, string command)
    {
        GuestResult result = await guest.RunAsync(command);
        Assert.True(result.Succeeded, $"{guest.Name}: '{command}': {result.Output}");
        return result.Output;
    }
}
