using SoftIov.Lab.TestBed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Bed;

/// <summary>Guests with tools for disks, tried on the NVMe controller that QEMU emulates itself: an oracle that is not ours.</summary>
[Collection(BedCollection.Name)]
public sealed class StorageBedTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-storage-").FullName;

    private string Disk => Path.Combine(_folder, "disk.img");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(GuestKernel.Stable)]
    [InlineData(GuestKernel.Newer)]
    [InlineData(GuestKernel.StableGeneric)]
    [InlineData(GuestKernel.NewerGeneric)]
    public async Task Tools_for_disks_work_on_a_controller_of_QEMU(GuestKernel kernel)
    {
        VmBed bed = await StorageBed.PrepareAsync(kernel);
        await using (FileStream file = File.Create(Disk))
            file.SetLength(64 << 20);
        await using VirtualMachine guest = await StartAsync(bed, kernel, root: null);
        string listed = await guest.CheckAsync("nvme list; nvme id-ctrl /dev/nvme0; lsblk -b -n -o NAME,SIZE /dev/nvme0n1");
        Assert.Matches(@"/dev/nvme0n1 .* oracle +QEMU NVMe Ctrl ", listed);
        Assert.Matches(@"sn +: oracle", listed);
        Assert.Contains("nvme0n1 67108864", listed, StringComparison.Ordinal);
        await guest.CheckAsync("mkfs.ext4 -q /dev/nvme0n1 && mkdir /disk && mount -t ext4 /dev/nvme0n1 /disk");
        string verified = await guest.CheckAsync(
            "fio --name=f --directory=/disk --size=8m --rw=randwrite --bs=4k --ioengine=libaio --iodepth=8 --direct=1 --verify=crc32c " +
            "--output-format=terse");
        // No error, and all that was written was read back: KiB.
        Assert.Matches("^3;fio-[0-9.]+;f;0;0;8192;", verified);
        await guest.CheckAsync("umount /disk && e2fsck -f -n /dev/nvme0n1 && blkdiscard /dev/nvme0n1");
        Assert.False((await guest.RunAsync("mount -t ext4 /dev/nvme0n1 /disk")).Succeeded);
    }

    [Theory]
    [InlineData(GuestKernel.Stable)]
    [InlineData(GuestKernel.Newer)]
    public async Task A_guest_has_its_root_on_a_disk(GuestKernel kernel)
    {
        VmBed bed = await StorageBed.PrepareAsync(kernel);
        await bed.MakeRootDiskAsync(Disk);
        await using VirtualMachine guest = await StartAsync(bed, kernel, root: "/dev/nvme0n1");
        Assert.StartsWith("/dev/nvme0n1 / ext4 rw", await guest.CheckAsync("grep ' / ' /proc/mounts"), StringComparison.Ordinal);
        await guest.CheckAsync("echo kept >/mark && sync");
        await guest.RebootAsync();
        Assert.Equal("kept\n", await guest.CheckAsync("cat /mark"));
        Assert.False((await guest.RunAsync("ls /modules")).Succeeded);
    }

    private async Task<VirtualMachine> StartAsync(VmBed bed, GuestKernel kernel, string? root)
    {
        long start = Environment.TickCount64;
        VirtualMachine guest = await bed.StartAsync(new VirtualMachineOptions
        {
            Name = "disk",
            Kernel = kernel,
            MemoryMegabytes = StorageBed.Memory,
            SparePorts = 0,
            RootDevice = root,
            QemuArguments = ["-drive", $"file={Disk},if=none,id=disk,format=raw,discard=unmap", "-device", "nvme,serial=oracle,drive=disk"],
        });
        output.WriteLine($"{kernel} up after {Environment.TickCount64 - start} ms");
        Assert.DoesNotContain("cannot", guest.ConsoleLog, StringComparison.Ordinal);
        return guest;
    }
}
