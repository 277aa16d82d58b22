using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>What guests of both kernels see of their VF.</summary>
[Collection(BedCollection.Name)]
public sealed class GuestViewTests(PairRig pair, ITestOutputHelper output) : IClassFixture<PairRig>
{
    private static readonly string[] Harmless = ["APIC calibration", "tsc:"];

    [Fact]
    public Task Lspci_shows_a_virtio_net_device_with_its_driver_bound() => pair.Rig.RunAsync(async () =>
    {
        foreach (GuestNic nic in (GuestNic[])[pair.Alpha, pair.Beta])
        {
            string lines = await nic.CheckAsync("lspci -nnk -d 1af4:1041");
            output.WriteLine(lines);
            const string Device = "Ethernet controller [0200]: Red Hat, Inc. Virtio 1.0 network device [1af4:1041]";
            Assert.Contains(Device, lines, StringComparison.Ordinal);
            Assert.Contains("Kernel driver in use: virtio-pci", lines, StringComparison.Ordinal);
            string details = await nic.CheckAsync("lspci -vvv -d 1af4:1041");
            output.WriteLine(details);
            Assert.Contains("MSI-X: Enable+", details, StringComparison.Ordinal);
            Assert.Contains("FLReset+", details, StringComparison.Ordinal);
            Assert.DoesNotContain("SR-IOV", details, StringComparison.Ordinal);
            Assert.Contains("driver: virtio_net", await nic.CheckAsync("ethtool -i {0}"), StringComparison.Ordinal);
        }
    });

    [Fact]
    public Task Kernels_log_no_error() => pair.Rig.RunAsync(async () =>
    {
        foreach (GuestNic nic in (GuestNic[])[pair.Alpha, pair.Beta])
        {
            // Level 3 is KERN_ERR; <N> carries the facility too, which is 0 for the kernel's own messages.
            string errors = await nic.CheckAsync("dmesg -r | grep '^<[0-3]>' || true");
            output.WriteLine(errors);
            Assert.DoesNotContain(
                errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                line => !Harmless.Any(known => line.Contains(known, StringComparison.Ordinal)));
            string all = await nic.CheckAsync("dmesg");
            Assert.DoesNotContain("Call Trace", all, StringComparison.Ordinal);
            Assert.DoesNotContain("AER: Corr", all, StringComparison.Ordinal);
            Assert.DoesNotContain("AER: Uncorr", all, StringComparison.Ordinal);
        }
    });

    [Fact]
    public Task A_function_level_reset_by_the_guest_leaves_a_working_device() => pair.Rig.RunAsync(async () =>
    {
        string device = (await pair.Alpha.CheckAsync("readlink -f /sys/class/net/{0}/device")).Trim();
        string pci = Path.GetDirectoryName(device)!;
        string address = Path.GetFileName(pci);
        Assert.Contains("flr", await pair.Alpha.CheckAsync($"cat {pci}/reset_method"), StringComparison.Ordinal);
        string drivers = "/sys/bus/pci/drivers/virtio-pci";
        await pair.Alpha.CheckAsync(
            $"echo {address} >{drivers}/unbind && echo flr >{pci}/reset_method && echo 1 >{pci}/reset && echo {address} >{drivers}/bind");
        GuestNic anew = await pair.Rig.FindNicAsync(pair.Alpha.Machine, "net0/0");
        await anew.UpAsync($"{PairRig.AlphaAddress}/24", $"{PairRig.AlphaAddress6}/64 nodad");
        Assert.Equal(0, await anew.PingAsync(PairRig.BetaAddress));
    });
}
