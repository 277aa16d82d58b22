using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Nvme;

/// <summary>A guest that has the PF manages the subsystem with nvme-cli, and the guests of VFs see it.</summary>
[Collection(BedCollection.Name)]
public sealed class ManagementTests(ITestOutputHelper output)
{
    private const string Managed =
        "adapters: [{name: disk0, personality: nvme, totalVfs: 2, numVfs: 2, backing: 'memory:256MiB', vfNamespaces: none, vfMode: managed}]";

    [Fact]
    public async Task The_pf_makes_namespaces_and_brings_a_secondary_controller_online()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Managed));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "owner", MemoryMegabytes = StorageBed.Memory };
            VirtualMachine owner = await rig.BootAsync(options, "disk0/pf");
            string said = await owner.CheckAsync("""
                set -e
                nvme list-secondary /dev/nvme0 -c 0
                nvme create-ns /dev/nvme0 -s 32768 -c 32768 -f 0 -m 0
                nvme attach-ns /dev/nvme0 -n 1 -c 1
                for i in $(seq 300); do test -b /dev/nvme0n1 && break; sleep 0.1; done; test -b /dev/nvme0n1
                head -c 1048576 /dev/urandom >/tmp/data; dd if=/tmp/data of=/dev/nvme0n1 bs=64k conv=fsync 2>/dev/null
                nvme error-log /dev/nvme0 -e 4 >/dev/null; nvme smart-log /dev/nvme0 | grep -i written
                nvme format /dev/nvme0n1 -l 1 -s 1 --force
                nvme id-ns /dev/nvme0 -n 1 | grep -E 'nsze|in use'
                head -c 1048576 /dev/nvme0n1 | tr -d '\0' | wc -c
                nvme detach-ns /dev/nvme0 -n 1 -c 1
                nvme attach-ns /dev/nvme0 -n 1 -c 2
                nvme virt-mgmt /dev/nvme0 -c 2 -r 0 -a 8 -n 3
                nvme virt-mgmt /dev/nvme0 -c 2 -r 1 -a 8 -n 3
                nvme virt-mgmt /dev/nvme0 -c 2 -a 9
                nvme list-secondary /dev/nvme0 -c 0
                """, TimeSpan.FromMinutes(1));
            output.WriteLine(said);
            VirtualMachine user = await rig.BootAsync(options with { Name = "user" }, "disk0/0");
            output.WriteLine(await user.CheckAsync("""
                set -e
                nvme list; nvme get-feature /dev/nvme0 -f 7
                head -c 1048576 /dev/urandom >/tmp/data; dd if=/tmp/data of=/dev/nvme0n1 bs=64k conv=fsync 2>/dev/null
                printf 0123456789abcdef >/tmp/host; nvme set-feature /dev/nvme0 -f 0x81 --value=1 -l 16 -d /tmp/host
                nvme resv-register /dev/nvme0n1 --nrkey=0x1234 --rrega=0
                nvme resv-acquire /dev/nvme0n1 --crkey=0x1234 --rtype=1 --racqa=0
                nvme resv-report /dev/nvme0n1
                nvme resv-release /dev/nvme0n1 --crkey=0x1234 --rtype=1 --rrela=0
                """, TimeSpan.FromMinutes(1)));
            await owner.CheckAsync("nvme virt-mgmt /dev/nvme0 -c 2 -a 7");
            Assert.Contains("offline", (await rig.Daemon.CheckAsync("get", "disk0")).ToLowerInvariant(), StringComparison.Ordinal);
        });
    }
}
