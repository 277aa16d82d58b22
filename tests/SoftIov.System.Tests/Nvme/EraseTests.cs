using System.Diagnostics;
using System.Globalization;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>What nvme-cli asks of blocks beyond reading and writing them, and what of that the host's file shows.</summary>
[Collection(BedCollection.Name)]
public sealed class EraseTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    // Two namespaces of the PF: /dev/nvme0n1 of 64 MiB and /dev/nvme0n2 of 16 MiB. Their first 32 and 8 MiB are written.
    private const string Functions = """
        set -e
        part() { dd if=/dev/nvme0n$1 bs=64k skip=$2 count=$3 iflag=direct 2>/dev/null; }
        written() { dd if=/tmp/data bs=64k skip=$1 count=$2 2>/dev/null; }
        zeroes() { test $(part $1 $2 $3 | tr -d '\0' | wc -c) = 0; }
        put() { dd if=/tmp/data of=/dev/nvme0n$1 bs=64k count=$2 oflag=direct 2>/dev/null; }
        fill() { put 1 512; put 2 128; }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;

    private string File => Path.Combine(_folder, "disk.img");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Blocks_are_given_back_copied_compared_formatted_and_sanitized()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(
            "adapters: [{name: disk0, personality: nvme, totalVfs: 1, "
            + $"namespaces: [{{id: 1, size: 64MiB, pf: true}}, {{id: 2, size: 16MiB, pf: true}}], backing: 'file:{File}:128MiB'}}]"));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "eraser", MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine guest = await rig.BootAsync(options, "disk0/pf");
            await guest.CheckAsync($"{Functions} head -c 33554432 /dev/urandom >/tmp/data; fill; nvme flush /dev/nvme0n1 -n 1");
            Assert.InRange(AllocatedBytes(), 40 * Mebibyte, 42 * Mebibyte);
            await DeallocateAsync(guest);
            await CopyAndCompareAsync(guest);
            await FormatAsync(guest);
            await SanitizeAsync(guest, "start-block-erase");
            await SanitizeAsync(guest, "start-crypto-erase");
            Assert.DoesNotContain("I/O error", await guest.CheckAsync("dmesg"), StringComparison.Ordinal);
        });
    }

    private async Task DeallocateAsync(VirtualMachine guest)
    {
        await guest.CheckAsync($"""
            {Functions}
            nvme dsm /dev/nvme0n1 -n 1 -d -s 16384,49152 -b 16384,8192
            zeroes 1 128 128; zeroes 1 384 64
            part 1 0 128 >/tmp/part; written 0 128 | cmp - /tmp/part
            part 1 256 128 >/tmp/part; written 256 128 | cmp - /tmp/part
            part 1 448 64 >/tmp/part; written 448 64 | cmp - /tmp/part
            """);
        Assert.InRange(AllocatedBytes(), 28 * Mebibyte, 30 * Mebibyte);
        await guest.CheckAsync($"""
            {Functions}
            nvme write-zeroes /dev/nvme0n1 -n 1 -s 0 -c 2047
            zeroes 1 0 16; part 1 16 16 >/tmp/part; written 16 16 | cmp - /tmp/part
            nvme write-zeroes /dev/nvme0n1 -n 1 -s 2048 -c 8191 -d
            zeroes 1 16 64; part 1 80 16 >/tmp/part; written 80 16 | cmp - /tmp/part
            """);
        Assert.InRange(AllocatedBytes(), 23 * Mebibyte, 26 * Mebibyte);
    }

    private static async Task CopyAndCompareAsync(VirtualMachine guest) => await guest.CheckAsync($$"""
        {{Functions}}
        says() { grep -qi "$1" /tmp/said || { cat /tmp/said; exit 1; }; }
        written 80 1 >/tmp/block
        nvme compare /dev/nvme0n1 -n 1 -s 10240 -c 127 -z 65536 -d /tmp/block
        ! nvme compare /dev/nvme0n1 -n 1 -s 10241 -c 127 -z 65536 -d /tmp/block >/tmp/said 2>&1; says 'compare fail'
        nvme verify /dev/nvme0n1 -n 1 -s 0 -c 511
        ! nvme verify /dev/nvme0n1 -n 1 -s 131071 -c 1 >/tmp/said 2>&1; says 'out of range'
        ! nvme verify /dev/nvme0n1 -n 3 -s 0 -c 1 >/tmp/said 2>&1
        nvme copy /dev/nvme0n1 -n 1 --sdlba=100001 --slbs=10240,10304 --blocks=63,31
        part 1 781 2 | tail -c +16897 | head -c 49152 >/tmp/part; head -c 49152 /tmp/block | cmp - /tmp/part
        ! nvme copy /dev/nvme0n1 -n 1 --sdlba=131071 --slbs=10240 --blocks=63 >/tmp/said 2>&1; says 'out of range'
        nvme flush /dev/nvme0n1 -n 1
        """);

    private async Task FormatAsync(VirtualMachine guest)
    {
        await guest.CheckAsync($"""
            {Functions} fill
            nvme format /dev/nvme0n1 -n 1 -s 2 --force
            zeroes 1 0 1024; part 2 0 128 >/tmp/part; written 0 128 | cmp - /tmp/part
            nvme format /dev/nvme0n2 -n 2 -s 0 -l 1 --force
            for i in $(seq 300); do test $(cat /sys/block/nvme0n2/queue/logical_block_size) = 4096 && break; sleep 0.1; done
            test $(cat /sys/block/nvme0n2/queue/logical_block_size) = 4096; zeroes 2 0 256
            """);
        Assert.InRange(AllocatedBytes(), 0, 2 * Mebibyte);
    }

    private async Task SanitizeAsync(VirtualMachine guest, string action)
    {
        string log = await guest.CheckAsync($"""
            {Functions} fill
            nvme sanitize /dev/nvme0 -a {action}
            for i in $(seq 300); do nvme sanitize-log /dev/nvme0 -o json >/tmp/log; grep -q '65535' /tmp/log && break; sleep 0.1; done
            cat /tmp/log; zeroes 1 0 1024; zeroes 2 0 256
            """);
        Assert.Contains("\"sprog\":65535", log.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.InRange(AllocatedBytes(), 0, 2 * Mebibyte);
    }

    // As du counts: what a file of holes really takes.
    private long AllocatedBytes()
    {
        using Process du = Process.Start(new ProcessStartInfo("du", ["--block-size=1", File]) { RedirectStandardOutput = true })!;
        string output = du.StandardOutput.ReadToEnd();
        du.WaitForExit();
        return long.Parse(output.Split('\t')[0], CultureInfo.InvariantCulture);
    }
}
