using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>File systems on VFs of an NVMe adapter: what they hold is verified, and a guest lives on one.</summary>
[Collection(BedCollection.Name)]
public sealed class FileSystemTests
{
    private const string Configuration = "adapters: [{name: disk0, personality: nvme, totalVfs: 2, numVfs: 1, backing: 'memory:256MiB'}]";
    private const string LeastOfASystem = "/bin /tools/sh /tools/flock /lib64/ld-linux* /lib64/libc.so* /init /agent.sh /etc";

    [Theory]
    [InlineData(GuestKernel.Stable)]
    [InlineData(GuestKernel.Newer)]
    public async Task A_file_system_keeps_what_is_written_and_the_next_guest_lives_on_it(GuestKernel kernel)
    {
        VmBed bed = await StorageBed.PrepareAsync(kernel);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "first", Kernel = kernel, Cpus = 2, MemoryMegabytes = StorageBed.Memory };
            VirtualMachine first = await rig.BootAsync(options, "disk0/0");
            string listed = await first.CheckAsync(
                "nvme list && nvme id-ctrl /dev/nvme0 && nvme id-ns /dev/nvme0n1 -n 1 && nvme smart-log /dev/nvme0");
            Assert.Matches("/dev/nvme0n1 .* SoftIov NVMe ", listed);
            await first.CheckAsync("mkfs.ext4 -q /dev/nvme0n1 && mkdir /disk && mount -t ext4 /dev/nvme0n1 /disk");
            string verified = await first.CheckAsync(
                "fio --name=f --directory=/disk --size=16m --rw=randwrite --bsrange=4k-256k --ioengine=libaio --iodepth=16 --direct=1 " +
                "--verify=crc32c --output-format=terse && rm /disk/f*");
            Assert.Matches("^3;fio-[0-9.]+;f;0;0;16384;", verified);
            await first.CheckAsync($"cd /disk && mkdir dev proc sys tmp run && (cd / && tar c {LeastOfASystem}) | tar x");
            await first.CheckAsync("umount /disk && e2fsck -f -n /dev/nvme0n1 && nvme flush /dev/nvme0n1 -n 1");
            await first.QuitAsync();

            options = options with { Name = "second", RootDevice = "/dev/nvme0n1", SparePorts = 0 };
            VirtualMachine second = await rig.BootAsync(options, "disk0/0");
            Assert.StartsWith("/dev/nvme0n1 / ext4 rw", await second.CheckAsync("grep ' / ' /proc/mounts"), StringComparison.Ordinal);
            await second.CheckAsync("head -c 3000000 /dev/urandom >/data && sha256sum /data >/sum && sync");
            await second.ResetAsync();
            await second.CheckAsync("sha256sum -c /sum");
            Assert.DoesNotContain("error", await second.CheckAsync("dmesg | grep -iE 'nvme|ext4'"), StringComparison.OrdinalIgnoreCase);
        });
    }
}
