using System.Text.RegularExpressions;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>
/// An NVMe adapter that a guest has whole, as its kernel and tools see it. A load writes the first 2 MiB of a VF's disk again and again, and
/// reads them back; behind 4 MiB are data to be kept.
/// </summary>
internal sealed class WholeDiskGuest(VirtualMachine machine)
{
    /// <summary>VFs that <see cref="EnableAsync"/> enables.</summary>
    public const int Vfs = 4;

    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(3);

    // Names of functions: $PORT, $PF and "$(vf N)"; disk N is that of VF N, whatever number the kernel gave it.
    private const string Prelude = """
        P=/sys/bus/pci/devices; DRIVER=/sys/bus/pci/drivers/nvme; PORT=10000:00:00.0; PF=10000:01:00.0; VFS="0 1 2 3"
        vf() { echo 10000:01:00.$(($1 + 1)); }
        controller() { ls $P/$1/nvme; }
        disk() { basename $P/$(vf $1)/nvme/nvme*/nvme*n* | sed 's/c[0-9]*n/n/'; }
        wait_for() { for i in $(seq 900); do eval "$1" 2>/dev/null && return 0; sleep 0.1; done; echo "in vain: $1"; exit 1; }
        is_live() { grep -q live $P/$(vf $1)/nvme/nvme*/state && test -b /dev/$(disk $1); }
        ended() { test -e /tmp/ended$1; }
        sectors() { awk '{ print $3 }' /sys/block/$(disk $1)/stat; }
        fio_of() {
            read pid rest </proc/self/stat; echo $pid >/tmp/pid$1 # of a subshell, which $$ does not tell
            exec fio --name=load --filename=/dev/$(disk $1) --ioengine=libaio --direct=1 --rw=randwrite --bsrange=4k-64k --size=2m \
                --iodepth=16 --loops=1000000 --verify=crc32c --verify_fatal=1 --thread --output-format=terse --terse-version=3
        }

        """;

    /// <summary>Runs a shell command that must succeed.</summary>
    public Task<string> CheckAsync(string command) => machine.CheckAsync(Prelude + command, Slow);

    /// <summary>Runs a shell command.</summary>
    public Task<GuestResult> RunAsync(string command) => machine.RunAsync(Prelude + command, Slow);

    /// <summary>Waits until the PF is there with its driver, and no VF.</summary>
    public async Task WaitForPhysicalAsync() =>
        Assert.Equal("0\n", await CheckAsync("wait_for 'grep -q live $P/$PF/nvme/nvme*/state'; cat $P/$PF/sriov_numvfs"));

    /// <summary>Sees to it that all VFs have their disks and the usual timeouts, and that the kernel's log is empty.</summary>
    public async Task PrepareAsync()
    {
        if (!(await RunAsync("for i in $VFS; do is_live $i || exit 1; done")).Succeeded)
            await EnableAsync();
        await CheckAsync("for i in $VFS; do echo 30000 >/sys/block/$(disk $i)/queue/io_timeout; done; dmesg -c >/dev/null");
    }

    /// <summary>Enables all VFs, anew where there are some; waits for their disks.</summary>
    public Task EnableAsync() => CheckAsync($"""
        [ $(cat $P/$PF/sriov_numvfs) = 0 ] || echo 0 >$P/$PF/sriov_numvfs
        echo {Vfs} >$P/$PF/sriov_numvfs || exit 1
        for i in $VFS; do wait_for "is_live $i"; done
        """);

    /// <summary>Writes the data to be kept to all disks; returns their hashes.</summary>
    public Task<string> KeepAsync() => CheckAsync("""
        for i in $VFS; do
            dd if=/dev/urandom of=/tmp/kept bs=64k count=16 2>/dev/null
            dd if=/tmp/kept of=/dev/$(disk $i) bs=64k seek=64 oflag=direct 2>/dev/null || exit 1
            sha256sum </tmp/kept
        done
        """);

    /// <summary>Hashes of the data that all disks have now.</summary>
    public Task<string> KeptAsync() =>
        CheckAsync("for i in $VFS; do dd if=/dev/$(disk $i) bs=64k skip=64 count=16 iflag=direct 2>/dev/null | sha256sum; done");

    /// <summary>Names of the controllers of the PF and the VFs.</summary>
    public async Task<string[]> ControllersAsync() =>
        (await CheckAsync("controller $PF; for i in $VFS; do controller $(vf $i); done")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Has commands of a VF time out after 2 s instead of 30.</summary>
    public Task HurryAsync(int vf) => CheckAsync($"echo 2000 >/sys/block/$(disk {vf})/queue/io_timeout");

    /// <summary>Starts the load of a VF; returns when it has begun to read back.</summary>
    public Task LoadAsync(int vf) => CheckAsync($$"""
        rm -f /tmp/ended{{vf}}; before=$(sectors {{vf}})
        ( (fio_of {{vf}}) >/tmp/fio{{vf}} 2>&1; touch /tmp/ended{{vf}} ) &
        wait_for '[ $(sectors {{vf}}) -gt '$before' ] || ended {{vf}}'
        if ended {{vf}}; then cat /tmp/fio{{vf}}; exit 1; fi
        """);

    /// <summary>Waits until the load of a VF has written and read back all that it writes, begun after now.</summary>
    public Task GoOnAsync(int vf) => CheckAsync($$"""
        end=$(($(sectors {{vf}}) + 8192))
        wait_for '[ $(sectors {{vf}}) -ge '$end' ] || ended {{vf}}'
        if ended {{vf}}; then cat /tmp/fio{{vf}}; exit 1; fi
        """);

    /// <summary>Ends loads of VFs, in which nothing may have failed.</summary>
    public async Task StopAsync(params int[] vfs)
    {
        foreach (int vf in vfs)
        {
            string said = await CheckAsync($"kill -TERM $(cat /tmp/pid{vf}); wait_for 'ended {vf}'; cat /tmp/fio{vf}");
            Assert.Matches("(?m)^3;fio-[0-9.]+;load;0;0;", said);
        }
    }

    /// <summary>Waits until the load of a VF has failed.</summary>
    public async Task FailAsync(int vf)
    {
        string said = await CheckAsync($"wait_for 'ended {vf}'; cat /tmp/fio{vf}");
        Assert.Matches("(?m)^3;fio-[0-9.]+;load;0;[1-9]", said);
    }

    /// <summary>Ends whatever loads a test that failed has left.</summary>
    public Task KillLoadsAsync() =>
        RunAsync("for i in $VFS; do [ -e /tmp/pid$i ] && ! ended $i && kill -KILL $(cat /tmp/pid$i); rm -f /tmp/pid$i; done");

    /// <summary>Waits until the kernel said something since the test began; returns all that it said.</summary>
    public async Task<string> LogWithAsync(string pattern) => (await Eventually.GetAsync(
        () => RunAsync("dmesg"), log => Regex.IsMatch(log.Output, pattern), pattern)).Output;
}
