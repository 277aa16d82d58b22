using System.Diagnostics;
using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>
/// DPDK's testpmd with two virtio-user ports, each at a VF: frames go round through the switch from one port to the other. Its memory cannot be
/// sealed, which the adapter allows.
/// </summary>
[Collection(Bed.BedCollection.Name)]
public sealed class DpdkTests(ITestOutputHelper output)
{
    private const string FirstMac = "52:54:00:00:00:10";
    private const string SecondMac = "52:54:00:00:00:11";
    private const int Seconds = 6;

    [Theory]
    [InlineData("packed_vq=0")]
    [InlineData("packed_vq=0,in_order=1")]
    [InlineData("packed_vq=0,in_order=1,mrg_rxbuf=0")]
    [InlineData("packed_vq=0,in_order=0,mrg_rxbuf=0,vectorized=1")]
    [InlineData("packed_vq=1")]
    [InlineData("packed_vq=1,in_order=1")]
    [InlineData("packed_vq=1,in_order=1,mrg_rxbuf=0,vectorized=1")]
    public async Task Frames_go_round_on_every_kind_of_ring(string rings)
    {
        DpdkPrograms dpdk = await PrepareAsync(); // may take a while the first time
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(Configuration(allowsUnsealed: true));
        string file = Path.Combine(daemon.Folder, "frames.pcap");
        Task<string> testpmd = TestpmdAsync(dpdk, daemon, rings, FirstMac);
        await daemon.WaitForAsync("net0/1", f => f.Counters.RxPackets > 0, "frames arrive");
        await daemon.CheckAsync("capture", "net0/1", "-w", file, "-c", "100");
        string report = await testpmd;
        (NetFunctionStatus first, NetFunctionStatus second) = (await daemon.GetAsync("net0/0"), await daemon.GetAsync("net0/1"));
        output.WriteLine($"{rings}: {first.Counters.TxPackets / Seconds} and {second.Counters.TxPackets / Seconds} frames per second");
        Assert.True(first.Counters.TxPackets > 1000 && second.Counters.TxPackets > 1000, report);
        Assert.Equal(first.Counters.TxPackets, second.Counters.RxPackets + second.Counters.RxDropped);
        Assert.Equal(second.Counters.TxPackets, first.Counters.RxPackets + first.Counters.RxDropped);
        Assert.Contains("RX-dropped: 0", report, StringComparison.Ordinal);

        byte[][] frames = PcapFile.Frames(await File.ReadAllBytesAsync(file));
        Assert.Equal(100, frames.Length);
        Assert.All(frames, frame => Assert.Contains(
            Convert.ToHexString(frame[..12]), new[] { Pair(SecondMac, FirstMac), Pair(FirstMac, SecondMac) }));
    }

    [Fact]
    public async Task Policy_holds_for_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(Configuration(allowsUnsealed: true));
        DpdkPrograms dpdk = await PrepareAsync();
        await daemon.CheckAsync("set", "net0/1", "vlan=100");
        await TestpmdAsync(dpdk, daemon, "packed_vq=0", FirstMac);
        Assert.Equal(0, (await daemon.GetAsync("net0/1")).Counters.RxPackets);
        Assert.True((await daemon.GetAsync("net0/0")).Counters.TxPackets > 0);

        await daemon.CheckAsync("set", "net0/0", "vlan=100");
        await TestpmdAsync(dpdk, daemon, "packed_vq=0", FirstMac);
        long arrived = (await daemon.GetAsync("net0/1")).Counters.RxPackets;
        Assert.True(arrived > 1000, $"{arrived} frames in the VLAN");

        await TestpmdAsync(dpdk, daemon, "packed_vq=0", "52:54:00:99:99:99");
        Assert.Equal(arrived, (await daemon.GetAsync("net0/1")).Counters.RxPackets);
        Assert.True((await daemon.GetAsync("net0/0")).Counters.SpoofDropped > 0);
    }

    [Fact]
    public async Task Without_the_permission_its_memory_is_refused_and_the_event_says_why()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(Configuration(allowsUnsealed: false));
        await TestpmdAsync(await PrepareAsync(), daemon, "packed_vq=0", FirstMac);
        Assert.Equal(0, (await daemon.GetAsync("net0/0")).Counters.TxPackets);
        Assert.Contains("allowUnsealedMemory", await daemon.CheckAsync("events"), StringComparison.Ordinal);
    }

    private static string Configuration(bool allowsUnsealed) =>
        "adapters: [{name: net0, totalVfs: 4, numVfs: 2, queuePairs: 1, " +
        $"allowUnsealedMemory: {(allowsUnsealed ? "true" : "false")}, vfs: {{" +
        $"0: {{transport: vhost-user, mac: '{FirstMac}'}}, 1: {{transport: vhost-user, mac: '{SecondMac}'}}}}}}]";

    private static string Pair(string first, string second) => (first + second).Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();

    private static Task<DpdkPrograms> PrepareAsync() => DpdkPrograms.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None);

    private static async Task<string> TestpmdAsync(DpdkPrograms dpdk, DaemonProcess daemon, string rings, string firstMac)
    {
        string first = (await daemon.GetAsync("net0/0")).Socket!;
        string second = (await daemon.GetAsync("net0/1")).Socket!;
        string[] command =
        [
            "-s", "INT", "-k", "20", $"{Seconds}", .. dpdk.TestpmdCommand, "-l", "0,1", "--no-huge", "-m", "256", "--no-pci", "--no-telemetry",
            "--file-prefix", $"softiov{Environment.ProcessId}",
            "--vdev", $"net_virtio_user0,path={first},mac={firstMac},queues=1,{rings}",
            "--vdev", $"net_virtio_user1,path={second},mac={SecondMac},queues=1,{rings}",
            "--", "--total-num-mbufs=4096", "--forward-mode=mac", "--tx-first", "--stats-period=1",
            $"--eth-peer=0,{SecondMac}", $"--eth-peer=1,{FirstMac}",
        ];
        var start = new ProcessStartInfo("timeout", command) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = await ChildProcess.StartAsync(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return text;
    }
}
