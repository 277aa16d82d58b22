using System.Globalization;
using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>
/// DPDK's testpmd with two virtio-user ports, each at a VF: frames go round through the switch from one port to the other. Its memory cannot be
/// sealed, which the adapter allows.
/// </summary>
[Collection(Bed.BedCollection.Name)]
public sealed partial class DpdkTests(ITestOutputHelper output)
{
    private const string FirstMac = "52:54:00:00:00:10";
    private const string SecondMac = "52:54:00:00:00:11";
    private const int CapturedFrames = 100;

    /// <summary>DPDK's packed rings want vectors of 512 bits, which it does not take unless told to.</summary>
    private const string WidestVectors = "--force-max-simd-bitwidth=512";

    [Theory]
    [InlineData("packed_vq=0,in_order=0", "mergeable buffer", "standard")]
    [InlineData("packed_vq=0,in_order=0,mrg_rxbuf=0", "standard", "standard")]
    [InlineData("packed_vq=0,in_order=1", "inorder", "inorder")]
    [InlineData("packed_vq=0,in_order=1,mrg_rxbuf=0", "inorder", "inorder")]
    [InlineData("packed_vq=0,in_order=0,mrg_rxbuf=0,vectorized=1", "vectorized", "standard")]
    [InlineData("packed_vq=1,in_order=0", "packed ring mergeable buffer", "packed ring standard")]
    [InlineData("packed_vq=1,in_order=0,mrg_rxbuf=0", "packed ring standard", "packed ring standard")]
    [InlineData("packed_vq=1,in_order=1", "packed ring mergeable buffer", "packed ring standard")]
    public Task Frames_go_round_on_every_path_of_its_driver(string rings, string receive, string transmit) =>
        GoRoundAsync(rings, receive, transmit);

    [Fact]
    public Task Frames_go_round_on_the_widest_vectors_that_the_processor_has()
    {
        bool has512 = File.ReadAllText("/proc/cpuinfo").Contains(" avx512f ", StringComparison.Ordinal);
        return has512
            ? GoRoundAsync("packed_vq=1,in_order=1,mrg_rxbuf=0,vectorized=1", "packed ring vectorized", "packed ring vectorized", WidestVectors)
            : GoRoundAsync("packed_vq=0,in_order=0,mrg_rxbuf=0,vectorized=1", "vectorized", "standard");
    }

    [Fact]
    public async Task Without_the_permission_its_memory_is_refused_and_the_event_says_why()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(Configuration(allowsUnsealed: false));
        Task Refused() => Eventually.GetAsync(
            () => daemon.CheckAsync("events"), events => events.Contains("allowUnsealedMemory", StringComparison.Ordinal), "an event");
        await new TestpmdPorts(daemon, FirstMac, SecondMac).GoRoundAsync("packed_vq=0", Refused);
        Assert.Equal(0, (await daemon.GetAsync("net0/0")).Counters.TxPackets);
    }

    private static string Configuration(bool allowsUnsealed) =>
        "adapters: [{name: net0, totalVfs: 4, numVfs: 2, queuePairs: 1, " +
        $"allowUnsealedMemory: {(allowsUnsealed ? "true" : "false")}, vfs: {{" +
        $"0: {{transport: vhost-user, mac: '{FirstMac}'}}, 1: {{transport: vhost-user, mac: '{SecondMac}'}}}}}}]";

    private static string Pair(string first, string second) => (first + second).Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Until enough frames went both ways to have filled the rings some times, all of them with addresses that belong here.</summary>
    private async Task GoRoundAsync(string rings, string receive, string transmit, params string[] environment)
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(Configuration(allowsUnsealed: true));
        string file = Path.Combine(daemon.Folder, "frames.pcap");
        string report = await new TestpmdPorts(daemon, FirstMac, SecondMac).GoRoundAsync(rings, CaptureAsync, environment);
        output.WriteLine(report);
        (NetFunctionStatus first, NetFunctionStatus second) = (await daemon.GetAsync("net0/0"), await daemon.GetAsync("net0/1"));
        Assert.Equal(first.Counters.TxPackets, second.Counters.RxPackets + second.Counters.RxDropped);
        Assert.Equal(second.Counters.TxPackets, first.Counters.RxPackets + first.Counters.RxDropped);

        foreach (int port in (int[])[0, 1])
        {
            Assert.Contains($"using {receive} Rx path on port {port}", report, StringComparison.Ordinal);
            Assert.Contains($"using {transmit} Tx path on port {port}", report, StringComparison.Ordinal);
        }

        long[] dropped = [.. Dropped().Matches(report).Select(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
        Assert.Equal([0, 0, 0], dropped); // of each port, and of both

        byte[][] frames = PcapFile.Frames(await File.ReadAllBytesAsync(file));
        Assert.Equal(CapturedFrames, frames.Length);
        Assert.All(frames, frame => Assert.Contains(
            Convert.ToHexString(frame[..12]), new[] { Pair(SecondMac, FirstMac), Pair(FirstMac, SecondMac) }));

        async Task CaptureAsync()
        {
            await daemon.WaitForAsync("net0/1", f => f.Counters.RxPackets > 0, "frames arrive");
            await daemon.CheckAsync("capture", "net0/1", "-w", file, "-c", $"{CapturedFrames}");
            await daemon.WaitForAsync("net0/0", f => f.Counters.TxPackets > 2000, "frames go there");
            await daemon.WaitForAsync("net0/1", f => f.Counters.TxPackets > 2000, "frames go back");
        }
    }

    [GeneratedRegex(@"RX-dropped: (\d+)")]
    private static partial Regex Dropped();
}
