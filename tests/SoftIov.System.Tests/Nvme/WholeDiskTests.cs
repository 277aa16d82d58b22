using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Nvme;

/// <summary>An NVMe adapter whole in one VM: the stock kernel enables VFs, and its stock driver finds a disk in each.</summary>
[Collection(BedCollection.Name)]
public sealed class WholeDiskTests(ITestOutputHelper output)
{
    private const string Configuration =
        "adapters: [{name: disk0, personality: nvme, totalVfs: 64, whole: true, backing: 'memory:256MiB', vfNamespaces: 2MiB}]";

    [Fact]
    public async Task A_guest_enables_vfs_and_every_one_has_a_disk_of_its_own()
    {
        VmBed bed = await VmBed.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None, GuestKernel.StableGeneric);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "whole", Kernel = GuestKernel.StableGeneric, Cpus = 2, MemoryMegabytes = 512 };
            VirtualMachine guest = await rig.BootAsync(options, "disk0");
            string enabled = await guest.CheckAsync("""
                pf=/sys/bus/pci/devices/10000:01:00.0
                for i in $(seq 300); do test -e $pf/driver && break; sleep 0.1; done
                cat $pf/sriov_totalvfs; echo 0 >$pf/sriov_drivers_autoprobe
                read start rest </proc/uptime; echo 64 >$pf/sriov_numvfs || exit 1; read end rest </proc/uptime; echo $start $end
                echo 0 >$pf/sriov_numvfs; echo 1 >$pf/sriov_drivers_autoprobe; echo 4 >$pf/sriov_numvfs
                for i in $(seq 300); do test $(ls /dev/nvme*n* | wc -l) = 4 -a $(grep -l live /sys/class/nvme/nvme*/state | wc -l) = 5 && break
                    sleep 0.1; done
                cat /sys/class/nvme/nvme*/state; ls /sys/block | grep nvme
                """, TimeSpan.FromMinutes(2));
            output.WriteLine(enabled);
            Assert.StartsWith("64\n", enabled, StringComparison.Ordinal);
            Assert.Equal(5, enabled.Split('\n').Count(line => line == "live"));
            Assert.Equal(4, enabled.Split('\n').Count(line => line.StartsWith("nvme", StringComparison.Ordinal)));
            await guest.CheckAsync("""
                for disk in $(ls /sys/block | grep nvme); do dd if=/dev/urandom of=/tmp/$disk bs=64k count=16 2>/dev/null; done
                for disk in $(ls /sys/block | grep nvme); do dd if=/tmp/$disk of=/dev/$disk bs=64k conv=fsync 2>/dev/null; done
                echo 3 >/proc/sys/vm/drop_caches
                for disk in $(ls /sys/block | grep nvme); do head -c 1048576 /dev/$disk | cmp - /tmp/$disk || exit 1; done
                """);
        });
    }
}
