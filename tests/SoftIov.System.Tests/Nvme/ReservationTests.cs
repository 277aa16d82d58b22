using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>Reservations of a namespace that two virtual machines share, and what their kernels then make of reads and writes.</summary>
[Collection(BedCollection.Name)]
public sealed class ReservationTests
{
    private const string Configuration =
        "adapters: [{name: disk0, personality: nvme, totalVfs: 2, numVfs: 2, backing: 'memory:64MiB', " +
        "namespaces: [{id: 1, size: 32MiB, shared: true, vfs: [0, 1]}]}]";

    private const string Try =
        "try() { dd bs=4096 count=1 $* 2>/tmp/said && echo -n y && return; grep -q 'Invalid exchange' /tmp/said && echo -n n || cat /tmp/said; }; " +
        "try if=/dev/nvme0n1 of=/dev/null iflag=direct; try if=/dev/zero of=/dev/nvme0n1 oflag=direct";

    private const string Key = "--crkey=";

    /// <summary>
    /// Per type (NVMe 1.4, figure 399): whether a host that is no registrant, and one that is, may read and write while another holds it.
    /// </summary>
    [Fact]
    public async Task Each_type_allows_others_what_the_table_says()
    {
        VmBed bed = await StorageBed.PrepareAsync(GuestKernel.Stable, GuestKernel.Newer);
        await using var rig = new Rig(bed, await DaemonProcess.StartAsync(Configuration));
        await rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "holder", MemoryMegabytes = StorageBed.Memory, SparePorts = 0 };
            VirtualMachine[] guests = await Task.WhenAll(
                rig.BootAsync(options, "disk0/0"),
                rig.BootAsync(options with { Name = "other", Kernel = GuestKernel.Newer }, "disk0/1"));
            (VirtualMachine holder, VirtualMachine other) = (guests[0], guests[1]);
            await IdentifyAsync(holder, "first-of-two-vms");
            await IdentifyAsync(other, "other-of-two-vms");
            await RegisterAsync(holder, "0xa");
            (int Type, string Stranger, string Registrant)[] table =
                [(1, "yn", "yn"), (2, "nn", "nn"), (3, "yn", "yy"), (4, "nn", "yy"), (5, "yn", "yy"), (6, "nn", "yy")];
            foreach ((int type, string stranger, string registrant) in table)
            {
                await holder.CheckAsync($"nvme resv-acquire /dev/nvme0n1 {Key}0xa --rtype={type} --racqa=0");
                Assert.Equal($"{type}{stranger}", $"{type}{await other.CheckAsync(Try)}");
                await RegisterAsync(other, "0xb");
                Assert.Equal($"{type}{registrant}", $"{type}{await other.CheckAsync(Try)}");
                Assert.Equal($"{type}yy", $"{type}{await holder.CheckAsync(Try)}");
                string report = await other.CheckAsync("nvme resv-report /dev/nvme0n1 -e -o json");
                Assert.Matches($"\"rtype\" ?: ?{type},", report);
                Assert.Matches("\"regctl\" ?: ?2,", report);
                await other.CheckAsync($"nvme resv-register /dev/nvme0n1 {Key}0xb --rrega=1");
                await holder.CheckAsync($"nvme resv-release /dev/nvme0n1 {Key}0xa --rtype={type} --rrela=0");
                Assert.Equal($"{type}yy", $"{type}{await other.CheckAsync(Try)}");
            }

            await PreemptAndClearAsync(holder, other);
        });
    }

    private static async Task PreemptAndClearAsync(VirtualMachine holder, VirtualMachine other)
    {
        await holder.CheckAsync($"nvme resv-acquire /dev/nvme0n1 {Key}0xa --rtype=1 --racqa=0");
        await RegisterAsync(other, "0xb");
        GuestResult refused = await other.RunAsync($"nvme resv-acquire /dev/nvme0n1 {Key}0xb --rtype=2 --racqa=0");
        Assert.Contains("reservation conflict", refused.Output, StringComparison.OrdinalIgnoreCase);
        await other.CheckAsync($"nvme resv-acquire /dev/nvme0n1 {Key}0xb --prkey=0xa --rtype=2 --racqa=1");
        Assert.Equal("nn", await holder.CheckAsync(Try));
        Assert.Equal("yy", await other.CheckAsync(Try));
        refused = await holder.RunAsync($"nvme resv-release /dev/nvme0n1 {Key}0xa --rtype=1");
        Assert.Contains("reservation conflict", refused.Output, StringComparison.OrdinalIgnoreCase);
        string notice = await holder.CheckAsync("nvme resv-notif-log /dev/nvme0");
        Assert.Matches("(?i)registration preempted", notice);

        // The kernel of the one that was preempted goes on where it was, once it registers again and the holder is gone.
        await RegisterAsync(holder, "0xc");
        await other.CheckAsync($"nvme resv-release /dev/nvme0n1 {Key}0xb --rrela=1");
        Assert.Equal("yy", await holder.CheckAsync(Try));
        Assert.Matches("\"regctl\" ?: ?0,", await holder.CheckAsync("nvme resv-report /dev/nvme0n1 -e -o json"));
    }

    private static Task RegisterAsync(VirtualMachine guest, string key) =>
        guest.CheckAsync($"nvme resv-register /dev/nvme0n1 --nrkey={key} --rrega=0");

    private static Task IdentifyAsync(VirtualMachine guest, string id) =>
        guest.CheckAsync($"printf {id} >/tmp/host; nvme set-feature /dev/nvme0 -f 0x81 --value=1 -l 16 -d /tmp/host");
}
