using System.Diagnostics;
using System.Globalization;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The story of one disk for two VMs: a PF and two VFs from one file, a guest with a VF each; both write and verify at once, neither finds
/// the other's data, and a ceiling holds for one of them alone. Each step needs those before it.
/// </summary>
internal sealed class DiskStory(
    DemoOutput output, DemoPrograms programs, DemoFolder folder, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const string Adapter = "disk0";
    private const int Vfs = 2;
    private const long StoreBytes = 128L << 20;
    private const int Blocks = 512;
    private const int CeilingMegabytes = 10;
    private const int CappedBlocks = 256;
    private const double BlockMegabytes = 65536 / 1e6;
    private const GuestKernel Kernel = GuestKernel.Stable;

    private static readonly string[] Names = ["alpha", "beta"];

    private readonly VirtualMachine?[] _guests = new VirtualMachine?[Vfs];
    private VmBed? _bed;
    private DemoDaemon? _daemon;
    private DiskSummary _summary = new();

    private ControlClient Client => (_daemon ?? throw new InvalidOperationException("no daemon")).Client;

    /// <summary>Tells it and returns what was found.</summary>
    public async Task<DiskSummary> RunAsync()
    {
        long start = Stopwatch.GetTimestamp();
        _ = await output.StepAsync("guests made ready", PrepareAsync).ConfigureAwait(false)
            && await output.StepAsync("daemon", StartDaemonAsync).ConfigureAwait(false)
            && await output.StepAsync("guests booted", BootAsync).ConfigureAwait(false)
            && await output.StepAsync("disks found", FindAsync).ConfigureAwait(false)
            && await output.StepAsync("written and verified", VerifyAsync).ConfigureAwait(false)
            && await output.StepAsync("isolated", IsolateAsync).ConfigureAwait(false)
            && await output.StepAsync("ceiling", CapAsync).ConfigureAwait(false);
        return _summary with
        {
            Ok = output.Failed.Count == 0,
            Failed = [.. output.Failed],
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        };
    }

    /// <summary>What the guests said last, for a failure.</summary>
    public async Task<string> DescribeGuestsAsync()
    {
        string said = "";
        foreach (VirtualMachine? guest in _guests)
            said += guest is null ? "" : await guest.DescribeAsync().ConfigureAwait(false);
        return said;
    }

    /// <summary>Ends guests and daemon.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (VirtualMachine? guest in _guests)
        {
            if (guest is not null)
                await guest.DisposeAsync().ConfigureAwait(false);
        }

        if (_daemon is not null)
            await _daemon.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<string> PrepareAsync()
    {
        _bed = await VmBed.PrepareAsync(new Reports(output), cancellationToken, Kernel).ConfigureAwait(false);
        _summary = _summary with { Kernel = _bed.KernelRelease(Kernel) };
        return $"QEMU {_bed.QemuVersion} with {_bed.Accelerator.ToString().ToUpperInvariant()}, Linux {_summary.Kernel}";
    }

    private async Task<string> StartDaemonAsync()
    {
        _daemon = await DemoDaemon.StartAsync(programs, folder, cancellationToken).ConfigureAwait(false);
        var backing = new BackingSpec(NvmeBackingKind.File, folder.Disk, StoreBytes);
        var wanted = new DesiredState([new NvmeAdapterSpec(Adapter, backing, TotalVfs: Vfs, NumVfs: Vfs)]);
        await Client.ApplyAsync(new ApplyRequest(wanted), cancellationToken).ConfigureAwait(false);
        return $"{Adapter}: a PF and {Vfs} VFs from one file of {StoreBytes >> 20} MiB, by process {_daemon.ProcessId}";
    }

    private async Task<string> BootAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Vfs).Select(BootAsync)).ConfigureAwait(false);
        return $"{Names[0]} with {Adapter}/0, {Names[1]} with {Adapter}/1";
    }

    private async Task BootAsync(int vf)
    {
        AttachResult attach = await Client.AttachAsync(new AttachRequest($"{Adapter}/{vf}"), cancellationToken).ConfigureAwait(false);
        var options = new VirtualMachineOptions { Name = Names[vf], Kernel = Kernel, Devices = [new VfioUserDevice(attach.DeviceId, attach.Socket)] };
        _guests[vf] = await _bed!.StartAsync(options, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> FindAsync()
    {
        string[] found = await InBothAsync("""
            for i in $(seq 100); do test -b /dev/nvme0n1 -o -b /dev/nvme0n2 && break; sleep 0.1; done
            disk=$(ls /sys/block | grep nvme); echo $disk $(cat /sys/block/$disk/size) $(cat /sys/class/nvme/nvme0/model)
            """).ConfigureAwait(false);
        AdapterStatus status = (await Client.GetAsync(Adapter, cancellationToken).ConfigureAwait(false)).Adapters[0];
        int attached = status.Functions.Count(function => function.Attachment is not null);
        _summary = _summary with { VfsAttached = attached };
        DemoException.Unless(attached == Vfs, $"{attached} of {Vfs} VFs have a guest");
        for (int vf = 0; vf < Vfs; vf++)
            output.Detail($"{Names[vf]}: {found[vf]}");
        return "the stock nvme driver bound both";
    }

    private async Task<string> VerifyAsync()
    {
        string[] errors = await InBothAsync($$"""
            disk=/dev/$(ls /sys/block | grep nvme); errors=0
            dd if=/dev/urandom of=/tmp/data bs=64k count=64 2>/dev/null
            for round in $(seq {{Blocks / 64}}); do
                at=$(((round - 1) * 64)); printf "$(hostname) $round $$" | dd of=/tmp/data conv=notrunc 2>/dev/null
                dd if=/tmp/data of=$disk bs=64k seek=$at conv=fsync,notrunc 2>/dev/null || errors=$((errors + 64))
                dd if=$disk of=/tmp/read bs=64k skip=$at count=64 iflag=direct 2>/dev/null
                cmp -s /tmp/read /tmp/data || errors=$((errors + 64))
            done
            echo $errors
            """).ConfigureAwait(false);
        int sum = errors.Sum(count => int.Parse(count, CultureInfo.InvariantCulture));
        _summary = _summary with { BlocksWritten = Vfs * Blocks, VerifyErrors = sum };
        DemoException.Unless(sum == 0, $"{sum} blocks differ");
        return $"{Vfs * Blocks} blocks of 64 KiB by both at once, each flushed and read back from the disk";
    }

    /// <summary>Each guest fills its disk's start with a word of its own; the other reads all it has and looks for it.</summary>
    private async Task<string> IsolateAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Vfs).Select(vf => InGuestAsync(vf, $$"""
            disk=/dev/$(ls /sys/block | grep nvme)
            yes "this is of {{Names[vf]}} alone" | dd of=$disk bs=64k count=64 conv=fsync,notrunc iflag=fullblock 2>/dev/null
            """))).ConfigureAwait(false);
        string[] seen = await Task.WhenAll(Enumerable.Range(0, Vfs).Select(vf => InGuestAsync(vf, $$"""
            disk=/dev/$(ls /sys/block | grep nvme); ls /sys/block | grep -c nvme
            dd if=$disk bs=64k 2>/dev/null | grep -a -c "this is of {{Names[1 - vf]}} alone"; true
            """))).ConfigureAwait(false);
        bool isIsolated = seen.All(each => each == "1\n0");
        _summary = _summary with { Isolated = isIsolated };
        DemoException.Unless(isIsolated, $"disks and foreign lines seen: {string.Join(" and ", seen).Replace('\n', ' ')}");
        return "each guest has one disk, and not a line of the other's is on it";
    }

    private async Task<string> CapAsync()
    {
        var values = new Dictionary<string, string> { ["bandwidth"] = CeilingMegabytes.ToString(CultureInfo.InvariantCulture) };
        await Client.SetAsync(new SetRequest($"{Adapter}/0", values), cancellationToken).ConfigureAwait(false);
        string[] seconds = await InBothAsync($"""
            disk=/dev/$(ls /sys/block | grep nvme); read start rest </proc/uptime
            dd if=$disk of=/dev/null bs=64k count={CappedBlocks} iflag=direct 2>/dev/null
            read end rest </proc/uptime; echo $start $end
            """).ConfigureAwait(false);
        double capped = CappedBlocks * BlockMegabytes / SecondsIn(seconds[0]);
        double neighbour = CappedBlocks * BlockMegabytes / SecondsIn(seconds[1]);
        _summary = _summary with
        {
            CeilingMegabytesPerSecond = CeilingMegabytes,
            CappedMegabytesPerSecond = Math.Round(capped, 1),
            NeighbourMegabytesPerSecond = Math.Round(neighbour, 1),
            QosCeilingHeld = capped <= CeilingMegabytes * 1.1 && neighbour > CeilingMegabytes,
        };
        DemoException.Unless(_summary.QosCeilingHeld, $"{capped:F1} MB/s below a ceiling of {CeilingMegabytes}, {neighbour:F1} without");
        return string.Create(
            CultureInfo.InvariantCulture, $"{Names[0]} read {capped:F1} MB/s below {CeilingMegabytes}, {Names[1]} {neighbour:F0} at the same time");
    }

    private static double SecondsIn(string startAndEnd)
    {
        double[] times = [.. startAndEnd.Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture))];
        return Math.Max(times[1] - times[0], 0.01);
    }

    private Task<string[]> InBothAsync(string command) => Task.WhenAll(Enumerable.Range(0, Vfs).Select(vf => InGuestAsync(vf, command)));

    private async Task<string> InGuestAsync(int vf, string command) =>
        (await _guests[vf]!.CheckAsync(command, TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false)).Trim();

    private sealed class Reports(DemoOutput output) : IProgress<BedProgress>
    {
        public void Report(BedProgress value) => output.Report(value.ToString());
    }
}
