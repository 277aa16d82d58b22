using System.Diagnostics;
using SoftIov.Api;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>Policy of a VF at work on running guests, set by the command a user has.</summary>
[Collection(BedCollection.Name)]
public sealed class PolicyTests(PairRig pair, ITestOutputHelper output) : IClassFixture<PairRig>
{
    private DaemonProcess Daemon => pair.Rig.Daemon;

    [Fact]
    public Task A_port_vlan_cuts_guests_off_and_back() => pair.Rig.RunAsync(async () =>
    {
        Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress));
        await Daemon.CheckAsync("set", "net0/0", "vlan=100");
        Assert.Equal(100, await pair.Alpha.PingAsync(PairRig.BetaAddress));
        await Daemon.CheckAsync("set", "net0/1", "vlan=100");
        Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress));
        await Daemon.CheckAsync("set", "net0/1", "vlan=200");
        Assert.Equal(100, await pair.Alpha.PingAsync(PairRig.BetaAddress));
        await Daemon.CheckAsync("set", "net0/0", "vlan=0");
        await Daemon.CheckAsync("set", "net0/1", "vlan=0");
        Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress));
    });

    [Fact]
    public Task Guests_tag_frames_themselves_as_far_as_the_trunk_lets_them() => pair.Rig.RunAsync(async () =>
    {
        const string Add = "ip link add link {0} name tagged type vlan id 30 && " +
            "ip addr add 10.30.0.ADDRESS/24 dev tagged && ip link set tagged up";
        await pair.Alpha.CheckAsync(Add.Replace("ADDRESS", "1", StringComparison.Ordinal));
        await pair.Beta.CheckAsync(Add.Replace("ADDRESS", "2", StringComparison.Ordinal));
        var tagged = new GuestNic(pair.Alpha.Machine, "tagged");
        Assert.Equal(0, await tagged.PingAsync("10.30.0.2"));
        await Daemon.CheckAsync("set", "net0/1", "trunk=0,10-20");
        Assert.Equal(100, await tagged.PingAsync("10.30.0.2"));
        Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress));
        await Daemon.CheckAsync("set", "net0/1", "trunk=all");
        Assert.Equal(0, await tagged.PingAsync("10.30.0.2"));
        await pair.Alpha.CheckAsync("ip link del tagged");
        await pair.Beta.CheckAsync("ip link del tagged");
    });

    [Fact]
    public Task Spoofed_frames_are_dropped_and_counted() => pair.Rig.RunAsync(async () =>
    {
        const int Frames = 50;
        NetCounters before = (await Daemon.GetAsync("net0/0")).Counters;
        NetCounters betaBefore = (await Daemon.GetAsync("net0/1")).Counters;
        string betaMac = (await Daemon.GetAsync("net0/1")).Mac;
        await pair.Alpha.CheckAsync($$"""
            set -e
            echo rem_device_all >/proc/net/pktgen/kpktgend_0
            echo "add_device {0}" >/proc/net/pktgen/kpktgend_0
            for setting in "count {{Frames}}" "pkt_size 200" "src_mac 02:66:66:66:66:66" "dst_mac {{betaMac}}" \
                "dst 10.0.0.2" "delay 100000"; do
                echo "$setting" >/proc/net/pktgen/{0}
            done
            echo start >/proc/net/pktgen/pgctrl
            """);
        NetFunctionStatus after = await Daemon.WaitForAsync(
            "net0/0", function => function.Counters.SpoofDropped - before.SpoofDropped >= Frames, $"{Frames} spoofed frames");
        Assert.Equal(Frames, after.Counters.SpoofDropped - before.SpoofDropped);
        Assert.True((await Daemon.GetAsync("net0/1")).Counters.RxPackets - betaBefore.RxPackets < Frames);
        await Daemon.CheckAsync("set", "net0/0", "spoofchk=off");
        try
        {
            await pair.Alpha.CheckAsync("echo start >/proc/net/pktgen/pgctrl");
            await Daemon.WaitForAsync(
                "net0/1", function => function.Counters.RxPackets - betaBefore.RxPackets >= Frames, "frames let through");
            Assert.Equal(Frames, (await Daemon.GetAsync("net0/0")).Counters.SpoofDropped - before.SpoofDropped);
        }
        finally
        {
            await Daemon.CheckAsync("set", "net0/0", "spoofchk=on");
        }
    });

    [Fact]
    public Task A_link_taken_down_is_seen_by_the_guest() => pair.Rig.RunAsync(async () =>
    {
        await Daemon.CheckAsync("set", "net0/0", "state=disable");
        await Carrier("0");
        Assert.Equal(100, await pair.Beta.PingAsync(PairRig.AlphaAddress));
        await Daemon.CheckAsync("set", "net0/0", "state=auto");
        await Carrier("1");
        await Eventually.GetAsync(() => pair.Beta.ReachesAsync(PairRig.AlphaAddress), reached => reached, "alpha reached again");

        Task<string> Carrier(string state) => Eventually.GetAsync(
            () => pair.Alpha.CheckAsync("cat /sys/class/net/{0}/carrier"), text => text.Trim() == state, $"carrier {state}");
    });

    [Fact]
    public Task A_transmit_rate_limits_tcp() => pair.Rig.RunAsync(async () =>
    {
        const double Limit = 40;
        await Daemon.CheckAsync("set", "net0/0", $"max_tx_rate={Limit}");
        try
        {
            double limited = await pair.Alpha.MeasureTcpAsync(pair.Beta, PairRig.BetaAddress, seconds: 6);
            output.WriteLine($"limited to {Limit}: {limited:F1} Mbit/s");
            Assert.InRange(limited, Limit * 0.3, Limit * 1.15);
        }
        finally
        {
            await Daemon.CheckAsync("set", "net0/0", "max_tx_rate=0");
        }

        double free = await pair.Alpha.MeasureTcpAsync(pair.Beta, PairRig.BetaAddress);
        output.WriteLine($"free: {free:F1} Mbit/s");
        Assert.True(free > Limit * 1.5, $"{free} Mbit/s without a limit");
    });

    [Fact]
    public Task A_capture_is_read_by_tcpdump() => pair.Rig.RunAsync(async () =>
    {
        string file = Path.Combine(Daemon.Folder, "capture.pcap");
        using Process capture = SoftIovCommand.Start(Daemon.Socket, "capture", "net0/0", "-w", file);
        await Eventually.GetAsync(() => Task.FromResult(File.Exists(file)), exists => exists, "the capture's file");
        await pair.Alpha.PingAsync(PairRig.BetaAddress, count: 5);
        using (Process interrupt = Process.Start("kill", ["-INT", capture.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await interrupt.WaitForExitAsync();
        await capture.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        using Process tcpdump = Process.Start(new ProcessStartInfo("tcpdump", ["-nn", "-r", file]) { RedirectStandardOutput = true })!;
        string lines = await tcpdump.StandardOutput.ReadToEndAsync();
        output.WriteLine(lines);
        Assert.Equal(5, Count(lines, $"IP {PairRig.AlphaAddress} > {PairRig.BetaAddress}: ICMP echo request"));
        Assert.Equal(5, Count(lines, $"IP {PairRig.BetaAddress} > {PairRig.AlphaAddress}: ICMP echo reply"));

        static int Count(string text, string part) => text.Split(part).Length - 1;
    });
}
