using System.Globalization;
using System.Text.Json;
using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Nvme;

/// <summary>What nvme-cli reads of a PF's and a VF's controller in one guest, against what the operator is told.</summary>
[Collection(BedCollection.Name)]
public sealed class ReportTests(ITestOutputHelper output)
{
    private const string Configuration =
        "adapters: [{name: disk0, personality: nvme, totalVfs: 2, numVfs: 1, backing: 'memory:256MiB', namespaces: "
        + "[{id: 1, size: 64MiB, pf: true}, {id: 2, size: 32MiB, vfs: [0]}, {id: 3, size: 16MiB, shared: true, pf: true, vfs: [0]}]}]";

    // The kernel numbers controllers as it likes: $pf and $vf are those of controllers 1 and 2, $own and $theirs their private disks.
    // A disk of several paths, nvme0n1, has names such as nvme0c1n1 with its controllers.
    private const string Names = """
        set -e
        for i in $(seq 300); do test $(cat /sys/class/nvme/nvme*/state 2>/dev/null | grep -c live) = 2 && break; sleep 0.1; done
        for each in nvme0 nvme1; do
            case $(cat /sys/class/nvme/$each/cntlid) in 1) pf=$each;; 2) vf=$each;; esac
        done
        disk() { for d in /sys/class/nvme/$1/nvme*n*; do if test "$(cat $d/size)" = $2; then echo /dev/${d##*/}; fi; done | sed 's/c[0-9]*n/n/'; }
        own=$(disk $pf 131072); theirs=$(disk $vf 65536)

        """;

    [Fact]
    public async Task A_guest_and_the_operator_read_the_same()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "reader", MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine guest = await rig.BootAsync(options, "disk0/pf", "disk0/0");
            await IdentityAsync(rig.Daemon, guest);
            await WrittenAsync(rig.Daemon, guest);
            await ErrorsAsync(guest);
            await EventsAsync(guest);
        });
    }

    private async Task IdentityAsync(DaemonProcess daemon, VirtualMachine guest)
    {
        JsonElement pf = await JsonAsync(guest, "nvme id-ctrl /dev/$pf -o json");
        JsonElement vf = await JsonAsync(guest, "nvme id-ctrl /dev/$vf -o json");
        Assert.Equal((1, 2), (Number(pf, "cntlid"), Number(vf, "cntlid")));
        string nqn = await DescribedAsync(daemon, "NQN");
        string serial = await DescribedAsync(daemon, "serial number");
        foreach (JsonElement each in (JsonElement[])[pf, vf])
        {
            Assert.Equal(nqn, each.GetProperty("subnqn").GetString());
            Assert.Equal(serial, each.GetProperty("sn").GetString()!.Trim());
        }

        var adapter = (NvmeAdapterStatus)(await daemon.Client.GetAsync("disk0")).Adapters.Single();
        Assert.Equal(256 << 20, Number(pf, "tnvmcap"));
        Assert.Equal(144 << 20, Number(pf, "unvmcap"));
        Assert.Equal((adapter.Capacity, adapter.Unallocated), (Number(pf, "tnvmcap"), Number(pf, "unvmcap")));
        Assert.Equal((0, 0), (Number(vf, "tnvmcap"), Number(vf, "unvmcap")));

        foreach ((string controller, int id) in ((string, int)[])[("pf", 1), ("vf", 2), ("pf", 3), ("vf", 3)])
        {
            NamespaceStatus told = adapter.Namespaces.Single(one => one.Id == id);
            JsonElement space = await JsonAsync(guest, $"nvme id-ns /dev/${controller} -n {id} -o json");
            Assert.Equal(told.Size / told.BlockSize, Number(space, "nsze"));
            Assert.Equal(told.Size / told.BlockSize, Number(space, "ncap"));
            Assert.Equal(told.Size, Number(space, "nvmcap"));
            Assert.Equal(told.Shared ? 1 : 0, Number(space, "nmic"));
            JsonElement names = await JsonAsync(guest, $"nvme ns-descs /dev/${controller} -n {id} -o json");
            Assert.Contains(told.Uuid.ToString(), names.GetRawText(), StringComparison.OrdinalIgnoreCase);
        }

        // The kernel took both for controllers of one subsystem, and the namespace they share for one disk with two paths.
        string subsystems = (await JsonAsync(guest, "nvme list-subsys -o json")).GetRawText();
        output.WriteLine(subsystems);
        Assert.Equal(2, subsystems.Split(nqn).Length);
        Assert.Contains("\"nvme0\"", subsystems, StringComparison.Ordinal);
        Assert.Contains("\"nvme1\"", subsystems, StringComparison.Ordinal);
    }

    private async Task WrittenAsync(DaemonProcess daemon, VirtualMachine guest)
    {
        const int Commands = 512;
        const double Units = Commands * 65536 / 512000.0;
        JsonElement before = await JsonAsync(guest, "nvme smart-log /dev/$pf -o json");
        await guest.CheckAsync($"{Names} dd if=/dev/zero of=$own bs=64k count={Commands} oflag=direct 2>/dev/null");
        JsonElement after = await JsonAsync(guest, "nvme smart-log /dev/$pf -o json");
        output.WriteLine(after.GetRawText());
        Assert.InRange(Number(after, "data_units_written") - Number(before, "data_units_written"), Math.Floor(Units), Math.Ceiling(Units));
        Assert.Equal(Commands, Number(after, "host_write_commands") - Number(before, "host_write_commands"));
        Assert.Equal(Number(after, "data_units_written"), Math.Ceiling(await WrittenBytesAsync(daemon, "disk0/pf") / 512000.0));

        await guest.CheckAsync($"{Names} dd if=/dev/zero of=$theirs bs=64k count=16 oflag=direct 2>/dev/null");
        Assert.Equal(1 << 20, await WrittenBytesAsync(daemon, "disk0/0"));
    }

    private async Task ErrorsAsync(VirtualMachine guest)
    {
        const long BeyondTheEnd = 131072 + 5;
        string refused = await guest.CheckAsync(
            $"{Names} nvme io-passthru $own --namespace-id=1 --opcode=2 --read --data-len=512 --cdw10={BeyondTheEnd} 2>&1 || true");
        output.WriteLine(refused);
        Assert.Contains("LBA", refused, StringComparison.OrdinalIgnoreCase);
        JsonElement log = await JsonAsync(guest, "nvme error-log /dev/$pf -e 8 -o json");
        output.WriteLine(log.GetRawText());
        JsonElement entry = Assert.Single(log.GetProperty("errors").EnumerateArray(), one => Number(one, "lba") == BeyondTheEnd);
        Assert.Equal(1, Number(entry, "nsid"));
        Assert.InRange(Number(entry, "sqid"), 1, 64);
        Assert.NotEqual(0, Number(entry, "error_count"));
        JsonElement theirs = await JsonAsync(guest, "nvme error-log /dev/$vf -e 8 -o json");
        Assert.DoesNotContain(theirs.GetProperty("errors").EnumerateArray(), one => Number(one, "lba") == BeyondTheEnd);
    }

    /// <summary>Logs 12h and 0Dh and feature 16h, as nvme-cli reads them.</summary>
    private async Task EventsAsync(VirtualMachine guest)
    {
        string effects = await guest.CheckAsync($"{Names} nvme fid-support-effects-log /dev/$pf; nvme get-feature /dev/$pf -f 0x16");
        output.WriteLine(effects);
        Assert.Contains("FID 07 -> Support Effects Log: 00200001", effects, StringComparison.Ordinal);
        Assert.DoesNotContain("FID 0f", effects, StringComparison.Ordinal);
        Assert.Contains("Host Behavior", effects, StringComparison.Ordinal);
        string events = await guest.CheckAsync(
            $"{Names} nvme persistent-event-log /dev/$pf --action=1 --log_len=4096; nvme persistent-event-log /dev/$pf --action=2 --log_len=0");
        output.WriteLine(events);
        Assert.Matches(@"Total Number of Events: [1-9]", events);
        Assert.Contains("Event Type: Power-on or Reset Event(0x4)", events, StringComparison.Ordinal);
        Assert.Contains("Support Sanitize Completion Event(0xa)", events, StringComparison.Ordinal);
        string refused = await guest.CheckAsync($"{Names} nvme persistent-event-log /dev/$vf --action=1 --log_len=4096 2>&1 || true");
        Assert.DoesNotContain("Event Number", refused, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(VirtualMachine guest, string command)
    {
        using JsonDocument document = JsonDocument.Parse(await guest.CheckAsync($"{Names} {command}"));
        return document.RootElement.Clone();
    }

    private static async Task<string> DescribedAsync(DaemonProcess daemon, string name)
    {
        using JsonDocument document = JsonDocument.Parse(await daemon.CheckAsync("describe", "disk0", "--json"));
        return document.RootElement.GetProperty("sections").EnumerateArray().SelectMany(section => section.GetProperty("rows").EnumerateArray())
            .Single(row => row.GetProperty("name").GetString() == name).GetProperty("value").GetString()!;
    }

    private static async Task<long> WrittenBytesAsync(DaemonProcess daemon, string target) =>
        ((NvmeFunctionStatus)await daemon.FunctionAsync(target)).Counters.WriteBytes;

    // Some versions show 128-bit numbers as text.
    private static long Number(JsonElement from, string name)
    {
        JsonElement value = from.GetProperty(name);
        return value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetInt64();
    }
}
