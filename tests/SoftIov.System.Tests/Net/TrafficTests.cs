using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>Traffic between two guests, each with a VF.</summary>
[Collection(BedCollection.Name)]
public sealed class TrafficTests(PairRig pair, ITestOutputHelper output) : IClassFixture<PairRig>
{
    private const int CopiedKibibytes = 24 * 1024;

    [Theory]
    [InlineData(PairRig.BetaAddress, 56)]
    [InlineData(PairRig.BetaAddress, 1472)]
    [InlineData(PairRig.BetaAddress, 20_000)]
    [InlineData(PairRig.BetaAddress6, 56)]
    [InlineData(PairRig.BetaAddress6, 8000)]
    public Task Guests_ping_each_other(string address, int bytes) => pair.Rig.RunAsync(async () =>
        Assert.Equal(0, await pair.Alpha.PingAsync(address, count: 10, bytes)));

    [Theory]
    [InlineData(PairRig.BetaAddress)]
    [InlineData(PairRig.BetaAddress6)]
    public Task Tcp_flows_and_is_counted(string address) => pair.Rig.RunAsync(async () =>
    {
        long before = (await pair.Rig.Daemon.GetAsync("net0/1")).Counters.RxBytes;
        double megabits = await pair.Alpha.MeasureTcpAsync(pair.Beta, address);
        output.WriteLine($"{address}: {megabits:F0} Mbit/s");
        Assert.True(megabits > 20, $"{megabits} Mbit/s");
        long counted = (await pair.Rig.Daemon.GetAsync("net0/1")).Counters.RxBytes - before;
        Assert.True(counted * 8 > megabits * 1e6, $"{counted} bytes counted");
    });

    [Theory]
    [InlineData("on", "on")]
    [InlineData("off", "on")]
    [InlineData("off", "off")]
    public Task Copies_are_whole_whatever_the_offloads(string segmentation, string checksums) => pair.Rig.RunAsync(async () =>
    {
        string settings = $"tx {checksums} tso {segmentation} gso {segmentation} gro {checksums}";
        await pair.Alpha.CheckAsync($"ethtool -K {{0}} {settings}");
        await pair.Beta.CheckAsync($"ethtool -K {{0}} {settings}");
        try
        {
            string features = await pair.Alpha.CheckAsync("ethtool -k {0}");
            Assert.Contains($"tcp-segmentation-offload: {segmentation}", features, StringComparison.Ordinal);
            double megabits = await pair.Alpha.MeasureTcpAsync(pair.Beta, PairRig.BetaAddress);
            output.WriteLine($"tso {segmentation}, checksums {checksums}: {megabits:F0} Mbit/s");
            Assert.True(megabits > 5, $"{megabits} Mbit/s");
            (string sent, string arrived) = await pair.Alpha.CopyAsync(PairRig.AlphaAddress, pair.Beta, CopiedKibibytes);
            Assert.Equal(sent, arrived);
            (sent, arrived) = await pair.Beta.CopyAsync(PairRig.BetaAddress, pair.Alpha, CopiedKibibytes);
            Assert.Equal(sent, arrived);
        }
        finally
        {
            await pair.Alpha.CheckAsync("ethtool -K {0} tx on tso on gso on gro on");
            await pair.Beta.CheckAsync("ethtool -K {0} tx on tso on gso on gro on");
        }
    });

    [Fact]
    public Task A_sender_with_segmentation_reaches_a_receiver_without() => pair.Rig.RunAsync(async () =>
    {
        // The guest offloads of the receiver are turned off by the control queue: the switch must segment and sum.
        await pair.Beta.CheckAsync("ethtool -K {0} rx-gro-hw off; ethtool -K {0} lro off; ethtool -K {0} rx off; true");
        try
        {
            (string sent, string arrived) = await pair.Alpha.CopyAsync(PairRig.AlphaAddress, pair.Beta, CopiedKibibytes);
            Assert.Equal(sent, arrived);
        }
        finally
        {
            await pair.Beta.CheckAsync("ethtool -K {0} rx on; ethtool -K {0} lro on; ethtool -K {0} rx-gro-hw on; true");
        }
    });
}
