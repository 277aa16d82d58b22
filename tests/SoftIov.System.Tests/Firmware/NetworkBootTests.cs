using System.Diagnostics;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using SoftIov.SystemTests.VhostUser;

namespace SoftIov.SystemTests.Firmware;

/// <summary>A UEFI firmware with its own virtio driver boots over a VF and the uplink, from a server of the host's.</summary>
[Collection(BedCollection.Name)]
public sealed class NetworkBootTests(BedFixture bed) : IDisposable
{
    private const string Tap = "softiov-boot";
    private const string Mac = "52:54:00:00:b0:07";
    private const string Server = "198.51.100.1";

    /// <summary>What the firmware would try besides, and wait for.</summary>
    private static readonly string[] OnlyPxe = ["-fw_cfg", "name=opt/org.tianocore/IPv6Support,string=n"];

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-tftp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("vfio-user", "msix")]
    [InlineData("vfio-user", "intx")]
    [InlineData("vhost-user", "msix")]
    public async Task A_loader_comes_over_a_VF_and_goes_on_over_it(string transport, string interrupts)
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "making a tap needs root and /dev/net/tun");
        FirmwarePrograms programs = await FirmwarePrograms.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None);
        await using Rig rig = await Rig.StartAsync(
            bed,
            $"adapters: [{{name: net0, numVfs: 1, uplink: {{tap: {{name: {Tap}, create: true}}}}, "
            + $"vfs: {{0: {{mac: '{Mac}', transport: {transport}, interrupts: {interrupts}}}}}}}]");
        await rig.RunAsync(async () =>
        {
            await HostCommand.CheckAsync($"ip addr replace {Server}/24 dev {Tap} && ip link set {Tap} up");
            File.Copy(programs.NetworkLoader, Path.Combine(_folder, "loader.efi"));
            await File.WriteAllTextAsync(Path.Combine(_folder, "script"), "#!ipxe\necho booted by ${net0/mac}\nsleep 600\n");
            using Process server = await ServeAsync(programs);
            try
            {
                VirtualMachine machine = await StartAsync(rig, programs, transport);
                await Eventually.GetAsync(
                    () => Task.FromResult(machine.ConsoleLog),
                    log => log.Contains($"booted by {Mac}", StringComparison.Ordinal),
                    "the end of the loader's script");
            }
            finally
            {
                server.Kill();
            }
        });
    }

    private static async Task<VirtualMachine> StartAsync(Rig rig, FirmwarePrograms programs, string transport)
    {
        var options = new VirtualMachineOptions
        {
            Name = "uefi", Firmware = programs.Firmware, HasGuest = false, SparePorts = 0, QemuArguments = OnlyPxe,
        };
        return transport == "vfio-user" ? await rig.BootAsync(options, "net0/0") : await VhostRig.BootAsync(rig, options, "net0/0");
    }

    private Task<Process> ServeAsync(FirmwarePrograms programs)
    {
        string[] command =
        [
            .. programs.Dnsmasq, "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", $"--interface={Tap}", "--bind-interfaces",
            "--dhcp-range=198.51.100.10,198.51.100.20", $"--dhcp-leasefile={_folder}/leases", "--pid-file", "--enable-tftp",
            $"--tftp-root={_folder}", "--dhcp-userclass=set:loader,iPXE", "--dhcp-boot=tag:loader,script", "--dhcp-boot=tag:!loader,loader.efi",
        ];
        return ChildProcess.StartAsync(new ProcessStartInfo(command[0], command.Skip(1)));
    }
}
