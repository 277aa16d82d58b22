using SoftIov.SystemTests.Bed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>With the stable release's kernel, and what takes long.</summary>
[Collection(BedCollection.Name)]
public sealed class StableKernelFaultTests(StableWholeRig rig, ITestOutputHelper output)
    : InjectedFaultTests(rig, output), IClassFixture<StableWholeRig>
{
    [Fact]
    public Task A_lost_interrupt_stops_a_queue_until_the_interface_goes_down_and_up() => RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await InjectAsync("net0/1", "lost-msi", "count=100"); // whichever queue the echoes come by
        await Guest.PingAnyhowAsync(0, Guest.AddressOf(1));
        await InjectAsync("net0/1", "clear");
        Assert.Contains(" 100% packet loss", (await Guest.PingAnyhowAsync(0, Guest.AddressOf(1))).Output, StringComparison.Ordinal);
        await Guest.CheckAsync(
            "L=$(ip -n v1 -br link | grep -v ^lo | cut -d' ' -f1); ip -n v1 link set $L down && ip -n v1 link set $L up && sleep 1");
        await Guest.PingAsync(0, Guest.AddressOf(1));
    });
}
