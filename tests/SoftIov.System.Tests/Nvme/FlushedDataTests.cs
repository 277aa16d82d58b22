using System.Text;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>What a guest was told to be on the disk is there when the daemon was killed, whatever the disk is and else goes on.</summary>
[Collection(BedCollection.Name)]
public sealed class FlushedDataTests : IDisposable
{
    private const int Blocks = 24;
    private const int BlockSize = 4096;
    private const long Size = 64 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_guest_flushed_under_fio_is_there_when_the_daemon_was_killed(bool onBlockDevice)
    {
        string file = Path.Combine(_folder, "disk.img");
        using LoopDevice? device = onBlockDevice ? LoopDevice.Over(file, Size) : null;
        string backing = device is null ? $"file:{file}:{Size}B" : $"block:{device.Path}";
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(
            $"adapters: [{{name: disk0, personality: nvme, totalVfs: 1, numVfs: 1, backing: '{backing}'}}]"));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "writer", Cpus = 2, MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine guest = await rig.BootAsync(options, "disk0/0");
            await guest.CheckAsync("""
                fio --name=load --filename=/dev/nvme0n1 --offset=1m --size=32m --rw=randwrite --bs=4k --ioengine=libaio --direct=1 \
                    --iodepth=16 --fsync=8 --time_based --runtime=600 >/tmp/fio.log 2>&1 &
                for i in $(seq 300); do test "$(awk '{print $5}' /sys/block/nvme0n1/stat)" -gt 100 && exit 0; sleep 0.1; done
                cat /tmp/fio.log; exit 1
                """);
            for (int block = 0; block < Blocks; block++)
            {
                await guest.CheckAsync(
                    $"printf '{Mark(block)}' | dd of=/dev/nvme0n1 bs={BlockSize} seek={block} conv=sync,fsync,notrunc 2>/dev/null");
            }

            await guest.CheckAsync("pidof fio");
            rig.Daemon.Kill();
            using FileStream disk = File.OpenRead(device?.Path ?? file);
            byte[] start = new byte[Blocks * BlockSize];
            await disk.ReadExactlyAsync(start);
            for (int block = 0; block < Blocks; block++)
                Assert.Equal(Mark(block), Encoding.ASCII.GetString(start, block * BlockSize, Mark(block).Length));
        });
    }

    private static string Mark(int block) => $"acknowledged {block:D4}.";
}
