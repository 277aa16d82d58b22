using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>Queues and doorbells as few drivers have them: one command deep, polled, and seen by shared memory.</summary>
[Collection(BedCollection.Name)]
public sealed class DriverOptionTests
{
    private const string Configuration = """
        adapters:
          - {name: disk0, personality: nvme, totalVfs: 1, numVfs: 1, backing: 'memory:16MiB'}
          - {name: disk1, personality: nvme, totalVfs: 1, numVfs: 1, backing: 'memory:16MiB', doorbells: shared}
        """;

    [Fact]
    public async Task Tiny_queues_polled_queues_and_shared_doorbells_lose_nothing_over_resets_either()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Newer);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions
            {
                Name = "polling",
                Kernel = GuestKernel.Newer,
                Cpus = 2,
                MemoryMegabytes = StorageBed.Memory,
                SparePorts = 0,
                KernelArguments = "nvme.io_queue_depth=2 nvme.poll_queues=1",
            };
            VirtualMachine guest = await rig.BootAsync(options, "disk0/0", "disk1/0");
            foreach (string disk in (string[])["nvme0", "nvme1"])
            {
                Assert.Equal("1\n", await guest.CheckAsync($"cat /sys/block/{disk}n1/queue/io_poll"));
                await VerifyAsync(guest, disk);
                await guest.CheckAsync($"nvme reset /dev/{disk} && echo 1 >/sys/class/nvme/{disk}/device/reset");
                await VerifyAsync(guest, disk);
            }

            string log = await guest.CheckAsync("dmesg | grep nvme");
            Assert.Equal(2 * 3, log.Split('\n').Count(line => line.Contains("2/0/1 default/read/poll queues", StringComparison.Ordinal)));
            Assert.DoesNotMatch("timeout|error", log);
        });
    }

    private static async Task VerifyAsync(VirtualMachine guest, string disk)
    {
        string said = await guest.CheckAsync($$"""
            set -e
            verify() {
                fio --filename=/dev/{{disk}}n1 --direct=1 --rw=randwrite --verify=crc32c --verify_fatal=1 --thread \
                    --output-format=terse --terse-version=3 $*
            }
            verify --name=deep --ioengine=libaio --iodepth=32 --bsrange=512-128k --size=4m
            verify --name=polled --ioengine=pvsync2 --hipri --bs=4k --size=1m
            verify --name=ring --ioengine=io_uring --hipri --iodepth=4 --bs=4k --size=1m
            """, TimeSpan.FromMinutes(3));
        var ended = said.Split('\n').Where(line => line.StartsWith("3;", StringComparison.Ordinal)).Select(line => line.Split(';'));
        Assert.Equal(["deep 0 4096", "polled 0 1024", "ring 0 1024"], ended.Select(job => $"{job[2]} {job[4]} {job[5]}"));
    }
}
