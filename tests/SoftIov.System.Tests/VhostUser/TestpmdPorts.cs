using System.Diagnostics;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>DPDK's testpmd with a virtio-user port at each of two VFs of a daemon.</summary>
internal sealed class TestpmdPorts(DaemonProcess daemon, string firstMac, string secondMac)
{
    private const int LongestSeconds = 120;

    /// <summary>
    /// Lets each port send its frames on to the other, which the switch carries back, until <paramref name="until"/> ends; returns all that
    /// testpmd said.
    /// </summary>
    public Task<string> GoRoundAsync(string rings, Func<Task> until, params string[] environment) => RunAsync(
        [.. environment, .. Port(0, firstMac, rings), .. Port(1, secondMac, rings)],
        ["--forward-mode=mac", "--tx-first", $"--eth-peer=0,{secondMac}", $"--eth-peer=1,{firstMac}"],
        until);

    /// <summary>
    /// Lets the first port send the frames of a file again and again, and writes what comes to the second into another, until
    /// <paramref name="until"/> ends.
    /// </summary>
    public Task<string> PlayAsync(string rings, string frames, string arrived, Func<Task> until) => RunAsync(
        [
            "--vdev", $"net_pcap0,rx_pcap={frames},infinite_rx=1", .. Port(0, firstMac, rings),
            .. Port(1, secondMac, rings), "--vdev", $"net_pcap1,tx_pcap={arrived}",
        ],
        ["--forward-mode=io"],
        until);

    private string[] Port(int index, string mac, string rings) =>
        ["--vdev", $"net_virtio_user{index},path={Path.Combine(daemon.Folder, "net0", $"vf{index}-vhost.sock")},mac={mac},queues=1,{rings}"];

    private static async Task<string> RunAsync(string[] environment, string[] options, Func<Task> until)
    {
        DpdkPrograms dpdk = await DpdkPrograms.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None);
        string[] command =
        [
            "--signal=INT", "--kill-after=20", $"{LongestSeconds}", .. dpdk.TestpmdCommand,
            "-l", "0,1", "--no-huge", "-m", "256", "--no-pci", "--no-telemetry", "--log-level=pmd.net.virtio.init:info",
            "--file-prefix", $"softiov{Environment.ProcessId}", .. environment,
            "--", "--total-num-mbufs=4096", "--stats-period=1", .. options,
        ];
        var start = new ProcessStartInfo("timeout", command) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = await ChildProcess.StartAsync(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await until();
        }
        finally
        {
            // It hands the signal on, and testpmd closes its ports and files.
            using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            await process.WaitForExitAsync();
        }

        return await output + await errors;
    }
}
