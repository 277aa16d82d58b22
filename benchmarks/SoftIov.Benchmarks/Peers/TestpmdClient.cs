using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using SoftIov.Benchmarks.Net;
using SoftIov.Datapath;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>
/// One testpmd with two virtio-user ports: the driver that all switches are measured with. <c>uni</c>: a file of one frame is sent to the first
/// port again and again, what comes from the second is dropped. <c>loop</c>: what comes from one port goes to the other, both ways round.
/// </summary>
internal sealed partial class TestpmdClient(PeerPrograms programs, HugePages pages, string folder)
{
    /// <summary>Huge pages of each program.</summary>
    public const int Megabytes = 256;

    /// <summary>Packet buffers of each program.</summary>
    public const int Buffers = 32 * 1024;

    private const int FrameCheckBytes = 4;
    private const int RingSize = 1024;
    private static readonly string[] Drivers = ["bus_vdev", "mempool_ring", "net_virtio", "net_pcap", "net_null"];

    /// <summary>Rate of the time-stamp counter as the environment found it; 0 before the first run.</summary>
    public double TscMegahertz { get; private set; }

    /// <summary>One run at one switch.</summary>
    public async Task<PeerResult> MeasureAsync(IPeerSwitch at, string mode, string ring, int size, PeersBenchOptions options)
    {
        bool isLoop = mode == "loop";
        using PeerProcess client = await StartAsync(at, isLoop, ring, size);
        client.Type($"set txpkts {size - FrameCheckBytes}");
        client.Type(isLoop ? "start tx_first 16" : "start");
        await Task.Delay(TimeSpan.FromSeconds(options.WarmUpSeconds));
        int portCount = isLoop ? 2 : 4;
        TscMegahertz = double.Parse(TscRate().Match(client.Said).Groups[1].ValueSpan, CultureInfo.InvariantCulture) / 1e3;

        // Whom to ask takes the switch's time: it is asked outside of what counts.
        (double Busy, long At) before = (await at.ReadBusyAsync(TscMegahertz), Stopwatch.GetTimestamp());
        client.Type("show port stats all");
        await client.WaitAsync("figures", () => Rates(client).Count == portCount);
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        client.Type("show port stats all");
        await client.WaitAsync("figures", () => Rates(client).Count == 2 * portCount);
        double busy = (await at.ReadBusyAsync(TscMegahertz) - before.Busy) / Stopwatch.GetElapsedTime(before.At).TotalSeconds;
        List<double> rates = Rates(client)[^portCount..];
        double perSecond = isLoop ? rates.Sum() : rates[2];
        double? busyPerFrame = perSecond > 0 ? busy / perSecond : null;
        return new PeerResult(at.Name, mode, ring, size, perSecond / 1e6, busyPerFrame, busyPerFrame * TscMegahertz / 1e3);
    }

    private async Task<PeerProcess> StartAsync(IPeerSwitch at, bool isLoop, string ring, int size)
    {
        PeerProcess client = await PeerProcess.StartLineByLineAsync(
        [
            .. programs.Testpmd,
            .. programs.EnvironmentOptions(pages.Folder, Megabytes, Drivers),
            "-l", $"{Cores.OfSwitch},{Cores.OfClient}", "--main-lcore", $"{Cores.OfSwitch}", "--file-prefix=softiov-client",
            "--log-level=lib.eal:debug",
            .. isLoop ? [] : new[] { $"--vdev=net_pcap0,rx_pcap={FileOfOne(size)},infinite_rx=1" },
            Port(at, 0, ring), Port(at, 1, ring),
            .. isLoop ? [] : new[] { "--vdev=net_null0,no-rx=1" },
            "--", "--interactive", "--nb-cores=1", "--forward-mode=io", $"--total-num-mbufs={Buffers}",
            .. isLoop ? new[] { $"--eth-peer=0,{Address(1)}", $"--eth-peer=1,{Address(0)}" } : [],
        ]);
        await client.WaitAsync("prompt of testpmd", () => client.Said.Contains("testpmd>", StringComparison.Ordinal));
        return client;
    }

    private static string Port(IPeerSwitch at, int port, string ring) =>
        $"--vdev=net_virtio_user{port},path={at.Sockets[port]},mac={Address(port)},queue_size={RingSize},in_order=1,"
        + $"packed_vq={(ring == "packed" ? 1 : 0)}";

    private static string Address(int port) => AdapterBed.MacOf(port).ToString();

    private static List<double> Rates(PeerProcess client) =>
        [.. ReceiveRate().Matches(client.Said).Select(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"Rx-pps:\s+(\d+)")]
    private static partial Regex ReceiveRate();

    [GeneratedRegex(@"TSC frequency is ~(\d+) KHz")]
    private static partial Regex TscRate();

    /// <summary>A capture file with one frame from the first port to the second.</summary>
    private string FileOfOne(int size)
    {
        string path = Path.Combine(folder, $"{size}.pcap");
        byte[] frame = new byte[size - FrameCheckBytes];
        PhysicalAddress.Parse(Address(1).ToUpperInvariant()).GetAddressBytes().CopyTo(frame, 0);
        PhysicalAddress.Parse(Address(0).ToUpperInvariant()).GetAddressBytes().CopyTo(frame, 6);
        (frame[12], frame[13]) = (0x08, 0x00);
        using FileStream file = File.Create(path);
        new PcapWriter(file, 65535).Write(new CapturedFrame(0, frame.Length, frame.Length, CaptureDirection.Sent), frame);
        return path;
    }
}
