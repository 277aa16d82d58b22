using System.Diagnostics;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>Adapters and machines of other shapes than the usual: many queues, large frames, an uplink, a PF, memory not shared.</summary>
[Collection(BedCollection.Name)]
public sealed class ShapesTests(BedFixture bed, ITestOutputHelper output)
{
    [Fact]
    public async Task Two_queue_pairs_on_two_cpus_and_frames_of_9000_bytes()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, numVfs: 2, mtu: 9000, queuePairs: 2}]");
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) = await BootPairAsync(rig, new VirtualMachineOptions { Cpus = 2 }, "net0/0", "net0/1");
            foreach (GuestNic nic in (GuestNic[])[alpha, beta])
            {
                Assert.Equal("9000", (await nic.CheckAsync("cat /sys/class/net/{0}/mtu")).Trim());
                string channels = await nic.CheckAsync("ethtool -L {0} combined 2; ethtool -l {0}");
                Assert.Equal(2, channels.Split("Combined:\t2").Length - 1); // the most there are, and how many are used
            }

            Assert.Equal(0, await alpha.PingAsync(PairRig.BetaAddress, bytes: 8972));
            long frames = (await rig.Daemon.GetAsync("net0/1")).Counters.RxPackets;
            Assert.Equal(0, await alpha.PingAsync(PairRig.BetaAddress, count: 10, bytes: 8972));
            frames = (await rig.Daemon.GetAsync("net0/1")).Counters.RxPackets - frames;
            Assert.True(frames < 20, $"{frames} frames for 10 pings: they came in fragments");
            double megabits = await alpha.MeasureTcpAsync(beta, PairRig.BetaAddress, seconds: 5, options: "-P 4 --bidir");
            output.WriteLine($"4 flows each way, 2 queue pairs, MTU 9000: {megabits:F0} Mbit/s");
            string interrupts = await beta.CheckAsync("grep virtio /proc/interrupts");
            output.WriteLine(interrupts);
            foreach (string queue in (string[])["input.0", "input.1"])
                Assert.Contains(interrupts.Split('\n'), line => line.Contains(queue, StringComparison.Ordinal) && HasCount(line));
            (string sent, string arrived) = await alpha.CopyAsync(PairRig.AlphaAddress, beta, 24 * 1024);
            Assert.Equal(sent, arrived);
        });

        static bool HasCount(string line) =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..3].Any(count => long.Parse(count, null) > 10);
    }

    [Fact]
    public async Task Guests_reach_the_host_through_a_tap_and_each_other_from_pf_to_vf()
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "making a tap needs root and /dev/net/tun");
        const string Tap = "softiov-t0";
        const string HostAddress = "10.77.0.254";
        await using Rig rig = await Rig.StartAsync(
            bed, $"adapters: [{{name: net0, numVfs: 2, uplink: {{tap: {{name: {Tap}, create: true}}}}}}]");
        await rig.RunAsync(async () =>
        {
            await HostAsync($"ip addr add {HostAddress}/24 dev {Tap} && ip link set {Tap} up");
            VirtualMachine[] machines = await Task.WhenAll(
                rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/pf"),
                rig.BootAsync(new VirtualMachineOptions { Name = "beta", Kernel = GuestKernel.Newer }, "net0/1"));
            GuestNic physical = await rig.FindNicAsync(machines[0], "net0/pf");
            GuestNic vf = await rig.FindNicAsync(machines[1], "net0/1");
            await physical.UpAsync("10.77.0.1/24");
            await vf.UpAsync("10.77.0.2/24");
            Assert.Equal(0, await vf.PingAsync(HostAddress));
            Assert.Equal(0, await physical.PingAsync(HostAddress));
            Assert.Equal(0, await physical.PingAsync("10.77.0.2"));
            await HostAsync("ping -c 3 -i 0.2 -W 2 10.77.0.1 && ping -c 3 -i 0.2 -W 2 10.77.0.2");
            Assert.DoesNotContain("SR-IOV", await physical.CheckAsync("lspci -vvv -d 1af4:1041"), StringComparison.Ordinal);
            (string sent, string arrived) = await physical.CopyAsync("10.77.0.1", vf, 8 * 1024);
            Assert.Equal(sent, arrived);
            await CopyToHostAsync(vf);
        });
    }

    [Fact]
    public async Task A_machine_without_shared_memory_works_by_messages()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, numVfs: 2}]");
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) =
                await BootPairAsync(rig, new VirtualMachineOptions { SharedMemory = false }, "net0/0", "net0/1");
            Assert.Equal(0, await alpha.PingAsync(PairRig.BetaAddress));
            Assert.Equal(0, await beta.PingAsync(PairRig.AlphaAddress, count: 10, bytes: 1472));
            (string sent, string arrived) = await alpha.CopyAsync(PairRig.AlphaAddress, beta, 2 * 1024);
            Assert.Equal(sent, arrived);
        });
    }

    private static async Task<(GuestNic Alpha, GuestNic Beta)> BootPairAsync(
        Rig rig, VirtualMachineOptions options, string first, string second)
    {
        VirtualMachine[] machines = await Task.WhenAll(
            rig.BootAsync(options with { Name = "alpha" }, first),
            rig.BootAsync(options with { Name = "beta", Kernel = GuestKernel.Newer, SharedMemory = true }, second));
        GuestNic alpha = await rig.FindNicAsync(machines[0], first);
        GuestNic beta = await rig.FindNicAsync(machines[1], second);
        await alpha.UpAsync($"{PairRig.AlphaAddress}/24");
        await beta.UpAsync($"{PairRig.BetaAddress}/24");
        return (alpha, beta);
    }

    // TCP from guest to host: the tap takes segmentation and checksums over, or the switch does the work.
    private static async Task CopyToHostAsync(GuestNic vf)
    {
        string sent = await vf.CheckAsync(
            "mkdir /tmp/www && head -c 8192k /dev/urandom >/tmp/www/data && httpd -p 8080 -h /tmp/www && sha256sum </tmp/www/data");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        byte[] data = await http.GetByteArrayAsync(new Uri("http://10.77.0.2:8080/data"));
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(data)), sent, StringComparison.Ordinal);
    }

    private static async Task HostAsync(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: {output}");
    }
}
