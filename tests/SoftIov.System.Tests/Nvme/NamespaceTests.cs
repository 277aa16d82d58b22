using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>Namespaces that come and go under guests: made by one that has the PF, or by the operator.</summary>
[Collection(BedCollection.Name)]
public sealed class NamespaceTests : IDisposable
{
    private const string Fill = "head -c 1048576 /dev/urandom >/tmp/data; dd if=/tmp/data of=/dev/$disk bs=64k conv=fsync 2>/dev/null";
    private const string Digest = "dd if=/dev/$disk bs=64k count=16 iflag=direct 2>/dev/null | sha256sum";

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;

    private string Configuration =>
        $"adapters: [{{name: disk0, personality: nvme, totalVfs: 2, numVfs: 2, vfNamespaces: 16MiB, backing: 'file:{_folder}/disk.img:128MiB'}}]";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Guests_see_namespaces_come_and_go_and_those_of_a_guest_outlive_the_daemon()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable, GuestKernel.Newer);
        string shared;
        await using (var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration, _folder)))
        {
            shared = "";
            await rig.RunAsync(async () =>
            {
                var options = new VirtualMachineOptions { Name = "owner", MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
                VirtualMachine[] guests = await Task.WhenAll(
                    rig.BootAsync(options, "disk0/pf"),
                    rig.BootAsync(options with { Name = "user", Kernel = GuestKernel.Newer }, "disk0/0"));
                await OperatorAsync(rig.Daemon, guests[1]);
                shared = await GuestAsync(rig.Daemon, guests[0], guests[1]);
            });
            Assert.Equal(0, await rig.Daemon.TerminateAsync());
        }

        await using var next = new Rig(bed, await DaemonProcess.StartAsync(Configuration, _folder));
        await next.RunAsync(async () =>
        {
            Assert.Matches(@"disk0 +3 +8MiB +512 +yes +guest +disk0/pf,disk0/0", await next.Daemon.CheckAsync("namespace", "list", "disk0"));
            var options = new VirtualMachineOptions { Name = "later", MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine later = await next.BootAsync(options, "disk0/0");
            await SeesAsync(later, "nvme0n1 nvme0n2");
            Assert.Equal(shared, await later.CheckAsync($"disk=nvme0n2; {Digest}"));
            await later.CheckAsync($"disk=nvme0n2; {Fill}; test \"$(sha256sum </tmp/data)\" = \"$({Digest})\"");
        });
    }

    private static async Task OperatorAsync(DaemonProcess daemon, VirtualMachine user)
    {
        await SeesAsync(user, "nvme0n1");
        await daemon.CheckAsync("namespace", "create", "disk0", "16MiB", "0", "--id", "3");
        await SeesAsync(user, "nvme0n1 nvme0n2");
        string written = await user.CheckAsync($"disk=nvme0n2; cat /sys/block/$disk/size; {Fill}; {Digest}");
        Assert.StartsWith("32768\n", written, StringComparison.Ordinal);
        await daemon.CheckAsync("namespace", "detach", "disk0", "3");
        await SeesAsync(user, "nvme0n1");
        await daemon.CheckAsync("namespace", "attach", "disk0", "3", "0");
        await SeesAsync(user, "nvme0n1 nvme0n2");
        Assert.EndsWith(await user.CheckAsync($"disk=nvme0n2; {Digest}"), written, StringComparison.Ordinal);
        Assert.NotEqual(0, (await daemon.RunAsync("namespace", "delete", "disk0", "3")).ExitCode);
        await daemon.CheckAsync("namespace", "delete", "disk0", "3", "--force");
        await SeesAsync(user, "nvme0n1");
    }

    private static async Task<string> GuestAsync(DaemonProcess daemon, VirtualMachine owner, VirtualMachine user)
    {
        await owner.CheckAsync("""
            set -e
            nvme create-ns /dev/nvme0 -s 16384 -c 16384 -f 0 -m 1 | grep 'nsid:3'
            nvme create-ns /dev/nvme0 -s 2048 -c 2048 -f 1 -m 0 | grep 'nsid:4'
            nvme attach-ns /dev/nvme0 -n 3 -c 1,2
            nvme attach-ns /dev/nvme0 -n 4 -c 2
            """);
        await SeesAsync(owner, "nvme0n1");
        await SeesAsync(user, "nvme0n1 nvme0n2 nvme0n3");
        Assert.Equal("16384\n", await user.CheckAsync("cat /sys/block/nvme0n3/size"));
        Assert.Equal("0\n", await user.CheckAsync("dd if=/dev/nvme0n3 bs=64k iflag=direct 2>/dev/null | tr -d '\\0' | wc -c"));
        string digest = await owner.CheckAsync($"disk=nvme0n1; {Fill}; {Digest}");
        Assert.Equal(digest, await user.CheckAsync($"disk=nvme0n2; {Digest}"));

        // Under a reader, who then fails; the other namespaces of the controller stay.
        Task<GuestResult> reader = user.RunAsync("while dd if=/dev/nvme0n3 of=/dev/null bs=64k iflag=direct 2>/dev/null; do :; done");
        await owner.CheckAsync("nvme delete-ns /dev/nvme0 -n 4");
        await reader;
        await SeesAsync(user, "nvme0n1 nvme0n2");
        Assert.Equal(digest, await user.CheckAsync($"disk=nvme0n2; {Digest}"));
        Assert.DoesNotMatch("disk0 +4 ", await daemon.CheckAsync("namespace", "list", "disk0"));
        return digest;
    }

    private static Task SeesAsync(VirtualMachine guest, string disks) => Eventually.GetAsync(
        () => guest.CheckAsync("echo $(ls /sys/block | grep -E '^nvme[0-9]+n')"), seen => seen == $"{disks}\n", $"{guest.Name}: {disks}");
}
