using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Nvme;

/// <summary>An NVMe adapter whole in one VM that manages its VFs' controllers itself, with the stock drivers and nvme-cli.</summary>
[Collection(BedCollection.Name)]
public sealed class ManagedWholeDiskTests(ITestOutputHelper output)
{
    private const string Configuration =
        "adapters: [{name: disk0, personality: nvme, totalVfs: 4, whole: true, backing: 'memory:256MiB', vfNamespaces: none, vfMode: managed}]";

    // $pf and $vf are PCI functions, $admin is the PF's controller. Every script has these.
    private const string Names = """
        set -e
        pf=/sys/bus/pci/devices/10000:01:00.0
        for i in $(seq 300); do test -e $pf/nvme && break; sleep 0.1; done
        admin=/dev/$(ls $pf/nvme); vf=$pf/virtfn0; address=$(basename $(readlink -f $vf)) || true
        wait_for() { for i in $(seq 300); do eval "$1" && return 0; sleep 0.1; done; echo "no $1"; exit 1; }
        bind() { echo $address >/sys/bus/pci/drivers/nvme/bind; wait_for 'grep -q live $vf/nvme/nvme*/state'; }
        unbind() { echo $address >/sys/bus/pci/drivers/nvme/unbind; }
        disk() { wait_for 'ls -d $vf/nvme/nvme*/nvme*n* >/dev/null 2>&1'; basename $vf/nvme/nvme*/nvme*n* | sed 's|^|/dev/|; s/c[0-9]*n/n/'; }
        state() { nvme list-secondary $admin -c 2 -e 1 | grep -iE 'ID|state|queues|interrupts'; }

        """;

    [Fact]
    public async Task A_guest_gives_a_vf_resources_brings_it_online_and_takes_it_offline_again()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.NewerGeneric);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions
            {
                Name = "whole", Kernel = GuestKernel.NewerGeneric, Cpus = 2, MemoryMegabytes = StorageBed.Memory,
            };
            VirtualMachine guest = await rig.BootAsync(options, "disk0");
            output.WriteLine(await guest.CheckAsync($"""
                {Names}
                nvme primary-ctrl-caps $admin | grep -iE 'vq|vi' || true
                echo 0 >$pf/sriov_drivers_autoprobe; echo 2 >$pf/sriov_numvfs; echo 1 >$pf/sriov_drivers_autoprobe
                nvme create-ns $admin -s 32768 -c 32768 -f 0 -m 0; nvme attach-ns $admin -n 1 -c 2
                """, TimeSpan.FromMinutes(1)));
            Assert.False(await IsOnlineAsync(rig.Daemon));

            // Offline, its driver finds a controller that failed; and without queues and interrupts it does not come online.
            await guest.CheckAsync($"""
                {Names}
                state | grep -q Offline
                if nvme virt-mgmt $admin -c 2 -a 9; then exit 1; fi
                if echo $address >/sys/bus/pci/drivers/nvme/bind; then exit 1; fi
                dmesg | grep 'Device not ready.*CSTS=0x2'
                """, TimeSpan.FromMinutes(2));

            string written = await guest.CheckAsync($"""
                {Names}
                nvme virt-mgmt $admin -c 2 -r 0 -a 8 -n 3; nvme virt-mgmt $admin -c 2 -r 1 -a 8 -n 3; nvme virt-mgmt $admin -c 2 -a 9
                state; state | grep -q Online
                bind; disk=$(disk); test $(cat /sys/block/$(basename $disk)/size) = 32768
                head -c 4194304 /dev/urandom >/tmp/data; dd if=/tmp/data of=$disk bs=64k oflag=direct 2>/dev/null
                dd if=$disk bs=64k count=64 iflag=direct 2>/dev/null | cmp - /tmp/data
                """, TimeSpan.FromMinutes(2));
            output.WriteLine(written);
            Assert.True(await IsOnlineAsync(rig.Daemon));

            // Its resources are its own while it is online; offline it loses its disk, and the next owner of the VF finds the data.
            await guest.CheckAsync($"""
                {Names}
                if nvme virt-mgmt $admin -c 2 -r 0 -a 8 -n 2; then exit 1; fi
                unbind; nvme virt-mgmt $admin -c 2 -a 7; state | grep -q Offline
                """, TimeSpan.FromMinutes(1));
            Assert.False(await IsOnlineAsync(rig.Daemon));
            await guest.CheckAsync($"""
                {Names}
                nvme virt-mgmt $admin -c 2 -r 0 -a 8 -n 2; nvme virt-mgmt $admin -c 2 -r 1 -a 8 -n 2; nvme virt-mgmt $admin -c 2 -a 9
                bind; disk=$(disk); dd if=$disk bs=64k count=64 iflag=direct 2>/dev/null | cmp - /tmp/data
                unbind; nvme virt-mgmt $admin -c 2 -a 7; nvme detach-ns $admin -n 1 -c 2; nvme delete-ns $admin -n 1
                echo 0 >$pf/sriov_numvfs
                """, TimeSpan.FromMinutes(2));
        });
    }

    private static async Task<bool> IsOnlineAsync(DaemonProcess daemon) =>
        ((SoftIov.Api.NvmeFunctionStatus)await daemon.FunctionAsync("disk0/0")).Online;
}
