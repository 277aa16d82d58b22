using System.Globalization;
using System.Text.RegularExpressions;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>testpmd with two vhost ports, which moves frames from one to the other and looks nothing up.</summary>
internal sealed partial class VhostIoSwitch : IPeerSwitch
{
    private readonly PeerProcess _process;

    private VhostIoSwitch(PeerProcess process, IReadOnlyList<string> sockets)
    {
        _process = process;
        Sockets = sockets;
    }

    public string Name => "vhostIo";

    public IReadOnlyList<string> Sockets { get; }

    /// <summary>Starts it.</summary>
    public static async Task<VhostIoSwitch> StartAsync(PeerPrograms programs, string folder, HugePages pages)
    {
        string[] sockets = [Path.Combine(folder, "io0.sock"), Path.Combine(folder, "io1.sock")];
        PeerProcess process = await PeerProcess.StartLineByLineAsync(
        [
            .. programs.Testpmd,
            .. programs.EnvironmentOptions(pages.Folder, TestpmdClient.Megabytes, "bus_vdev", "mempool_ring", "net_vhost"),
            "-l", $"{Cores.OfSwitch},{Cores.OfClient}", "--main-lcore", $"{Cores.OfClient}", "--file-prefix=softiov-io",
            $"--vdev=net_vhost0,iface={sockets[0]},queues=1", $"--vdev=net_vhost1,iface={sockets[1]},queues=1",
            "--", "--interactive", "--nb-cores=1", "--forward-mode=io", $"--total-num-mbufs={TestpmdClient.Buffers}", "--auto-start",
        ]);
        await process.WaitAsync("sockets of testpmd's switch", () => sockets.All(File.Exists));
        process.Type("set record-core-cycles on");
        return new VhostIoSwitch(process, sockets);
    }

    public async Task<double> ReadBusyAsync(double tscMegahertz)
    {
        int before = Ends(_process.Said).Count;
        _process.Type("show fwd stats all");
        await _process.WaitAsync("figures of testpmd's switch", () => Ends(_process.Said).Count > before);

        // It says nothing of cycles before the first frame.
        Match? last = Cycles().Matches(_process.Said).LastOrDefault();
        return last is null ? 0 : double.Parse(last.Groups[1].ValueSpan, CultureInfo.InvariantCulture) / tscMegahertz * 1e3;
    }

    public void Pause() => _process.Pause();

    public void Resume() => _process.Resume();

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static MatchCollection Ends(string said) => EndOfSum().Matches(said);

    [GeneratedRegex(@"busy cycles=(\d+)")]
    private static partial Regex Cycles();

    [GeneratedRegex(@"Accumulated forward statistics.*?testpmd>", RegexOptions.Singleline)]
    private static partial Regex EndOfSum();
}
