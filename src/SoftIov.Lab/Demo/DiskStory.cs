using System.Globalization;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The story of one disk for two VMs: a PF and two VFs from one file, a guest with a VF each; fio writes and verifies in both at once,
/// neither finds or harms the other's data, and a ceiling holds for one of them alone. Each step needs those before it.
/// </summary>
internal sealed class DiskStory(DemoStage stage)
    : MachineStory<DiskSummary>(stage, new DiskSummary(), GuestKernel.Stable, GuestTools.Storage)
{
    private const string Adapter = "disk0";
    private const int Vfs = 2;
    private const long StoreBytes = 64L << 20;

    // Of each disk; the first guest writes the first half of its disk, the second one the second half of its own.
    private const int HalfMegabytes = (int)(StoreBytes >> 21) / Vfs;
    private const int CeilingMegabytes = 10;
    private const int CeilingSeconds = 4;

    // A ceiling lets a little through before it holds.
    private const double MostOfCeiling = 1.1;

    private const string Fio = "fio --filename=$disk --direct=1 --ioengine=libaio --output-format=json --output=/tmp/found";

    private static readonly string[] Names = ["alpha", "beta"];

    private VirtualMachine[] _guests = [];

    /// <inheritdoc/>
    protected override async Task TellAsync() =>
        _ = await StepAsync("adapter", MakeAdapterAsync).ConfigureAwait(false)
            && await StepAsync("guests booted", BootAsync).ConfigureAwait(false)
            && await StepAsync("disks found", FindAsync).ConfigureAwait(false)
            && await StepAsync("written and verified", VerifyAsync).ConfigureAwait(false)
            && await StepAsync("isolated", IsolateAsync).ConfigureAwait(false)
            && await StepAsync("ceiling", CapAsync).ConfigureAwait(false);

    private async Task<string> MakeAdapterAsync()
    {
        Summary = Summary with { Kernel = KernelRelease };
        var backing = new BackingSpec(NvmeBackingKind.File, Folder.Disk, StoreBytes);
        await ApplyAsync(new NvmeAdapterSpec(Adapter, backing, TotalVfs: Vfs, NumVfs: Vfs)).ConfigureAwait(false);
        return $"{Adapter}: a PF and {Vfs} VFs from one file of {StoreBytes >> 20} MiB";
    }

    private async Task<string> BootAsync()
    {
        _guests = await Task.WhenAll(Enumerable.Range(0, Vfs).Select(vf => BootAsync(Names[vf], new AttachRequest($"{Adapter}/{vf}"))))
            .ConfigureAwait(false);
        return $"{Names[0]} with {Adapter}/0, {Names[1]} with {Adapter}/1";
    }

    private async Task<string> FindAsync()
    {
        string[] found = await InBothAsync(_ => """
            for i in $(seq 100); do test -b /dev/nvme0n1 -o -b /dev/nvme0n2 && break; sleep 0.1; done
            disk=$(ls /sys/block | grep nvme); echo $disk, $(($(cat /sys/block/$disk/size) / 2048)) MiB, $(cat /sys/class/nvme/nvme0/model)
            """).ConfigureAwait(false);
        AdapterStatus status = await StatusAsync(Adapter).ConfigureAwait(false);
        int attached = status.Functions.Count(function => function.Attachment is not null);
        Summary = Summary with { VfsAttached = attached };
        DemoException.Unless(attached == Vfs, $"{attached} of {Vfs} VFs have a guest");
        for (int vf = 0; vf < Vfs; vf++)
            Output.Detail($"{Names[vf]}: {found[vf]}");
        return "the stock nvme driver bound both";
    }

    private async Task<string> VerifyAsync()
    {
        FioResult[] found = await FioInBothAsync(vf => $"{Written(vf)} --verify_backlog=64").ConfigureAwait(false);
        Summary = Summary with { BlocksWritten = found.Sum(each => each.Writes), VerifyErrors = found.Sum(each => each.VerifyErrors) };
        CheckVerified(found);
        DemoException.Unless(Array.TrueForAll(found, each => each.Writes > 0), "nothing was written");
        return $"fio in both at once: {Summary.BlocksWritten} blocks of 4 to 64 KiB written and read back, each with its crc32c";
    }

    private static void CheckVerified(FioResult[] found)
    {
        for (int vf = 0; vf < Vfs; vf++)
        {
            FioResult each = found[vf];
            DemoException.Unless(each.VerifyErrors == 0, $"{Names[vf]}: {each.VerifyErrors} blocks differ from what was written");
            DemoException.Unless(each.Error == 0, $"{Names[vf]}: fio ended with error {each.Error}");
            DemoException.Unless(each.Reads >= each.Writes, $"{Names[vf]}: {each.Reads} of {each.Writes} blocks were read back");
        }
    }

    /// <summary>
    /// Each guest tries to format the other's namespace. Then all of its disk is looked at: the half that it wrote is as it was, and the
    /// half that the other one wrote of its own disk is empty here.
    /// </summary>
    private async Task<string> IsolateAsync()
    {
        string[] seen = await InBothAsync(vf => $"""
            ls /sys/block | grep -c nvme; nvme list-ns /dev/nvme0 | grep -c 0x
            nvme format --force /dev/nvme0 -n {Vfs - vf} >/dev/null 2>&1 && echo formatted || echo refused
            """).ConfigureAwait(false);
        DemoException.Unless(
            Array.TrueForAll(seen, each => each == "1\n1\nrefused"),
            $"disks, namespaces, and a format of the neighbour's: {string.Join(" and ", seen).Replace('\n', ' ')}");
        FioResult[] kept = await FioInBothAsync(vf => $"{Written(vf)} --verify_only=1").ConfigureAwait(false);
        FioResult[] rest = await FioInBothAsync(Empty).ConfigureAwait(false);
        Summary = Summary with { VerifyErrors = Summary.VerifyErrors + kept.Sum(each => each.VerifyErrors) };
        CheckVerified(kept);
        DemoException.Unless(kept.Sum(each => each.Reads) == Summary.BlocksWritten, "not all that was written was verified again");
        for (int vf = 0; vf < Vfs; vf++)
            DemoException.Unless(rest[vf] is { Error: 0, VerifyErrors: 0, Reads: HalfMegabytes }, $"{Names[vf]} has what it did not write");
        Summary = Summary with { Isolated = true };
        return "each guest has one disk, nothing but its own on all of it, and cannot format the other's";
    }

    // The same options make the same sequence, so what was written is found again. Checksums cover each block's place on the disk too.
    private static string Written(int vf) =>
        $"{Fio} --name=written --rw=randwrite --bsrange=4k-64k --offset={vf * HalfMegabytes}m --size={HalfMegabytes}m --iodepth=16 " +
        "--verify=crc32c --continue_on_error=verify";

    private static string Empty(int vf) =>
        $"{Fio} --name=empty --rw=read --bs=1m --offset={(Vfs - 1 - vf) * HalfMegabytes}m --size={HalfMegabytes}m --verify=pattern " +
        "--verify_pattern=0x00 --continue_on_error=verify";

    private async Task<string> CapAsync()
    {
        await SetAsync($"{Adapter}/0", "bandwidth", CeilingMegabytes).ConfigureAwait(false);
        FioResult[] found = await FioInBothAsync(_ => $"{Fio} --name=rate --rw=randread --bs=64k --iodepth=8 --time_based --runtime={CeilingSeconds}")
            .ConfigureAwait(false);
        double capped = found[0].ReadMegabytesPerSecond;
        double neighbour = found[1].ReadMegabytesPerSecond;
        Summary = Summary with
        {
            CeilingMegabytesPerSecond = CeilingMegabytes,
            CappedMegabytesPerSecond = Math.Round(capped, 1),
            NeighbourMegabytesPerSecond = Math.Round(neighbour, 1),
            QosCeilingHeld = capped is > 0 and <= CeilingMegabytes * MostOfCeiling && neighbour > CeilingMegabytes * MostOfCeiling,
        };
        string rates = string.Create(CultureInfo.InvariantCulture, $"{Names[0]} read {capped:F1} MB/s, {Names[1]} {neighbour:F0} at the same time");
        DemoException.Unless(Summary.QosCeilingHeld, $"set {Adapter}/0 bandwidth={CeilingMegabytes}: {rates}");
        return $"set {Adapter}/0 bandwidth={CeilingMegabytes}: {rates}";
    }

    private async Task<FioResult[]> FioInBothAsync(Func<int, string> command)
    {
        string[] found = await InBothAsync(vf => $"{command(vf)} >/tmp/said 2>&1; test -s /tmp/found && cat /tmp/found || cat /tmp/said")
            .ConfigureAwait(false);
        return Array.ConvertAll(found, FioResult.Parse);
    }

    private Task<string[]> InBothAsync(Func<int, string> command) => Task.WhenAll(
        _guests.Select((guest, vf) => InGuestAsync(guest, $"disk=/dev/$(ls /sys/block | grep nvme)\n{command(vf)}")));
}
