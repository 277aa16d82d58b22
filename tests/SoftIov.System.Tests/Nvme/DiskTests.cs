using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>VFs of one NVMe adapter as disks of virtual machines, under the driver that Linux has for them.</summary>
[Collection(BedCollection.Name)]
public sealed class DiskTests(BedFixture bed)
{
    private const string Fill = "dd if=/dev/urandom of=/tmp/data bs=64k count=64 2>/dev/null";

    [Theory]
    [InlineData("memory:256MiB", GuestKernel.Stable)]
    [InlineData("file:{0}/disk.img:256MiB", GuestKernel.Newer)]
    public async Task A_guest_writes_and_reads_back_what_it_wrote(string backing, GuestKernel kernel)
    {
        string folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;
        string place = string.Format(System.Globalization.CultureInfo.InvariantCulture, backing, folder);
        await using Rig rig = await Rig.StartAsync(
            bed, $"adapters: [{{name: disk0, personality: nvme, totalVfs: 4, numVfs: 2, backing: '{place}'}}]");
        await rig.RunAsync(async () =>
        {
            VirtualMachine guest = await rig.BootAsync(new VirtualMachineOptions { Name = "alpha", Kernel = kernel, Cpus = 2 }, "disk0/0");
            string disks = await guest.CheckAsync("cat /proc/partitions /sys/class/nvme/nvme0/model /sys/class/nvme/nvme0/state");
            Assert.Contains("nvme0n1", disks);
            Assert.Contains("live", disks);
            await guest.CheckAsync($"{Fill}; dd if=/tmp/data of=/dev/nvme0n1 bs=256k conv=fsync");
            string hashes = await guest.CheckAsync(
                "sha256sum </tmp/data; dd if=/dev/nvme0n1 bs=64k count=64 iflag=direct 2>/dev/null | sha256sum");
            string[] lines = hashes.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(lines[0], lines[1]);
            Assert.DoesNotContain("error", await guest.CheckAsync("dmesg | grep -i nvme"), StringComparison.OrdinalIgnoreCase);
        });
        Directory.Delete(folder, recursive: true);
    }
}
