using System.Globalization;
using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>Notification coalescing as a user of a real guest sets it: <c>ethtool -C</c> (virtio 1.4, 5.1.6.5.6).</summary>
[Collection(BedCollection.Name)]
public sealed partial class CoalescingTests(PairRig pair, ITestOutputHelper output) : IClassFixture<PairRig>
{
    private const int HeldMilliseconds = 50;
    private const string ReceiveOff = "ethtool -C {0} rx-usecs 0 rx-frames 0";

    /// <summary>Linux takes 0 frames for another way of sending, which it refuses to change while the interface is up.</summary>
    private const string SendOff = "ethtool -C {0} tx-usecs 0 tx-frames 1";

    [Fact]
    public Task Interrupts_of_a_receiver_are_fewer_and_late_and_none_is_lost() => pair.Rig.RunAsync(async () =>
    {
        (long frames, long interrupts) plain = await ReceiveAsync();
        await pair.Beta.CheckAsync($"ethtool -C {{0}} rx-usecs {HeldMilliseconds * 1000} rx-frames 4096");
        try
        {
            string shown = await pair.Beta.CheckAsync("ethtool -c {0}");
            Assert.Matches($@"rx-usecs:\s+{HeldMilliseconds * 1000}\b", shown);
            Assert.Matches(@"rx-frames:\s+4096\b", shown);
            (long frames, long interrupts) held = await ReceiveAsync();
            output.WriteLine($"{plain.frames} frames by {plain.interrupts} interrupts; held back: {held.frames} by {held.interrupts}");
            double before = (double)plain.frames / plain.interrupts;
            double after = (double)held.frames / held.interrupts;
            Assert.True(after > 2 * before, $"{after:F1} frames by an interrupt, {before:F1} without");

            // One ping at a time: its request is told of when the time is over, and not before, unless something else came just before it.
            await pair.Alpha.CheckAsync($"echo 0 >/proc/sys/net/ipv6/conf/{{0}}/accept_ra; {Know(PairRig.BetaAddress)}");
            await pair.Beta.CheckAsync(Know(PairRig.AlphaAddress));
            string pings = await pair.Alpha.CheckAsync($"ping -c 10 -i 0.3 -W 5 {PairRig.BetaAddress}");
            double shortest = double.Parse(RoundTrip().Match(pings).Groups[1].Value, CultureInfo.InvariantCulture);
            output.WriteLine($"shortest round trip {shortest} ms");
            Assert.Contains(" 0% packet loss", pings, StringComparison.Ordinal);
            Assert.True(shortest >= HeldMilliseconds - 1, $"{shortest} ms");
            (string sent, string arrived) = await pair.Alpha.CopyAsync(PairRig.AlphaAddress, pair.Beta, kibibytes: 4096);
            Assert.Equal(sent, arrived);
        }
        finally
        {
            await pair.Alpha.CheckAsync($"ip neigh del {PairRig.BetaAddress} dev {{0}}; true");
            await pair.Beta.CheckAsync($"ip neigh del {PairRig.AlphaAddress} dev {{0}}; true");
            await pair.Beta.CheckAsync(ReceiveOff);
        }

        string quick = await pair.Alpha.CheckAsync($"ping -c 10 -i 0.3 -W 5 {PairRig.BetaAddress}");
        Assert.True(double.Parse(RoundTrip().Match(quick).Groups[1].Value, CultureInfo.InvariantCulture) < HeldMilliseconds, quick);
        Assert.Equal(0, await RefusedAsync());
    });

    [Fact]
    public Task Each_queue_and_the_driver_itself_may_set_them() => pair.Rig.RunAsync(async () =>
    {
        long commands = await CommandsAsync();
        try
        {
            await pair.Beta.CheckAsync("ethtool --per-queue {0} queue_mask 0x1 --coalesce rx-usecs 120 rx-frames 7 tx-usecs 80 tx-frames 9");
            string shown = await pair.Beta.CheckAsync("ethtool --per-queue {0} queue_mask 0x1 --show-coalesce");
            output.WriteLine(shown);
            Assert.Matches(@"rx-usecs:\s+120\b", shown);
            Assert.Matches(@"tx-frames:\s+9\b", shown);
            Assert.True(await CommandsAsync() >= commands + 2, "no command reached the device");

            // Adaptive moderation: the driver measures, and sends a command for the queue whenever it changes its mind.
            await pair.Beta.CheckAsync("ethtool --per-queue {0} queue_mask 0x1 --coalesce adaptive-rx on");
            commands = await CommandsAsync();
            (string sent, string arrived) = await pair.Alpha.CopyAsync(PairRig.AlphaAddress, pair.Beta, kibibytes: 32 * 1024);
            Assert.Equal(sent, arrived);
            output.WriteLine($"{await CommandsAsync() - commands} commands of the driver's own");
            Assert.Equal(0, await RefusedAsync());
        }
        finally
        {
            await pair.Beta.CheckAsync("ethtool --per-queue {0} queue_mask 0x1 --coalesce adaptive-rx off; true");
            await pair.Beta.CheckAsync($"{ReceiveOff}; {SendOff}");
        }
    });

    [Fact]
    public Task A_sender_whose_interrupts_are_held_back_goes_on_sending() => pair.Rig.RunAsync(async () =>
    {
        await pair.Alpha.CheckAsync($"ethtool -C {{0}} tx-usecs {HeldMilliseconds * 1000} tx-frames 4096");
        try
        {
            (string sent, string arrived) = await pair.Alpha.CopyAsync(PairRig.AlphaAddress, pair.Beta, kibibytes: 8192);
            Assert.Equal(sent, arrived);
            Assert.Equal(0, await pair.Alpha.PingAsync(PairRig.BetaAddress, count: 10));
        }
        finally
        {
            await pair.Alpha.CheckAsync(SendOff);
        }
    });

    /// <summary>Has a guest not look for a neighbour again that it knows.</summary>
    private static string Know(string neighbour) => $"ip neigh change {neighbour} dev {{0}} nud permanent";

    /// <summary>Lets beta receive a slow stream; frames and interrupts of its receive queue that it took.</summary>
    private async Task<(long Frames, long Interrupts)> ReceiveAsync()
    {
        long frames = (await pair.Rig.Daemon.GetAsync("net0/1")).Counters.RxPackets;
        long interrupts = await InterruptsAsync();
        await pair.Beta.ServeAsync(5999, "-1");
        await pair.Alpha.CheckAsync(
            $"iperf3 -c {PairRig.BetaAddress} -p 5999 -u -b 1M -l 200 -t 4 --connect-timeout 10000", TimeSpan.FromSeconds(90));
        interrupts = await InterruptsAsync() - interrupts;
        frames = (await pair.Rig.Daemon.GetAsync("net0/1")).Counters.RxPackets - frames;
        Assert.True(frames > 500, $"{frames} frames");
        Assert.True(interrupts > 0, "no interrupt");
        return (frames, interrupts);
    }

    private async Task<long> InterruptsAsync()
    {
        string line = await pair.Beta.CheckAsync("grep 'virtio.*input' /proc/interrupts");
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private async Task<long> CommandsAsync() => (await ControlAsync()).Commands;

    private async Task<long> RefusedAsync() => (await ControlAsync()).Refused;

    /// <summary>What <c>softiov describe</c> says of the control queue.</summary>
    private async Task<(long Commands, long Refused)> ControlAsync()
    {
        DescribeResult described = await pair.Rig.Daemon.Client.DescribeAsync("net0/1");
        string row = described.Sections.SelectMany(section => section.Rows).Single(one => one.Name == "control commands").Value;
        Match numbers = CommandCounts().Match(row);
        return (Number(1), Number(2));

        long Number(int group) => long.Parse(numbers.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"min/avg/max\S* = ([\d.]+)/")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"^(\d+), (\d+) refused$")]
    private static partial Regex CommandCounts();
}
