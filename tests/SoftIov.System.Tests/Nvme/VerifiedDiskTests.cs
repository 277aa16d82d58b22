using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>Every kind of backing under every kind of load, verified by fio, and what resets do to it.</summary>
[Collection(BedCollection.Name)]
public sealed class VerifiedDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Blocks_of_any_size_at_any_depth_are_what_was_written()
    {
        using LoopDevice device = LoopDevice.Over(Path.Combine(_folder, "device.img"), VerifiedJobs.Bytes);
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync($"""
            adapters:
              - {Adapter("disk0", $"memory:{VerifiedJobs.Bytes}B")}
              - {Adapter("disk1", $"file:{_folder}/file.img:{VerifiedJobs.Bytes}B")}
              - {Adapter("disk2", $"block:{device.Path}")}
            """));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "writer", Cpus = 2, MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine guest = await rig.BootAsync(options, "disk0/0", "disk1/0", "disk2/0");
            for (int disk = 0; disk < 3; disk++)
                await VerifiedJobs.RunAsync(guest, $"/dev/nvme{disk}n1");
            string silent = await guest.CheckAsync("awk '/nvme.q[12]/ && $2 + $3 == 0' /proc/interrupts");
            Assert.True(silent.Length == 0, $"queues without an interrupt:\n{silent}");
            Assert.DoesNotContain("error", await guest.CheckAsync("dmesg | grep -i nvme"), StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Resets_under_a_verified_load_fail_nothing_and_leave_the_neighbour_alone()
    {
        const string Fio =
            "fio --name=r --filename=/dev/nvme0n1 --ioengine=libaio --direct=1 --rw=randwrite --size=16m --bsrange=4k-256k --iodepth=32 " +
            "--verify=crc32c --verify_fatal=1 --thread --output-format=terse --terse-version=3";
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable, GuestKernel.Newer);
        string adapter = Adapter("disk0", $"file:{_folder}/file.img:64MiB", vfs: 2);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync($"adapters: [{adapter}]"));
        await rig.RunAsync(async () =>
        {
            // Linux before 6.8 may lose commands of its own when it resets under load: docs/guide/nvme.md.
            var options = new VirtualMachineOptions { Name = "neighbour", Cpus = 1, MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine[] guests = await Task.WhenAll(
                rig.BootAsync(options with { Name = "resetting", Cpus = 2, Kernel = GuestKernel.Newer }, "disk0/0"),
                rig.BootAsync(options, "disk0/1"));
            Task<string> neighbour = guests[1].CheckAsync($"{Fio} --loops=3 && dmesg", TimeSpan.FromMinutes(5));
            string ended = await guests[0].CheckAsync($$"""
                ({{Fio}} --loops=4 >/tmp/fio 2>&1; echo $? >/tmp/ended) &
                resets=0
                until test -e /tmp/ended; do
                    nvme reset /dev/nvme0 && echo 1 >/sys/class/nvme/nvme0/device/reset || break
                    test -e /tmp/ended || resets=$((resets + 1)); sleep 0.3
                done
                wait; cat /tmp/fio; echo "resets: $resets"; exit $(cat /tmp/ended)
                """, TimeSpan.FromMinutes(5));
            Assert.Matches("(?m)^3;fio-[0-9.]+;r;0;0;65536;", ended);
            Assert.DoesNotContain("resets: 0", ended, StringComparison.Ordinal);
            string quiet = await neighbour;
            Assert.Matches("(?m)^3;fio-[0-9.]+;r;0;0;49152;", quiet);
            Assert.DoesNotMatch("nvme.*(reset|timeout|error)", quiet);
            Assert.Equal("live\n", await guests[0].CheckAsync("cat /sys/class/nvme/nvme0/state"));
        });
    }

    private static string Adapter(string name, string backing, int vfs = 1) =>
        $"{{name: {name}, personality: nvme, totalVfs: {vfs}, numVfs: {vfs}, backing: '{backing}'}}";
}
