using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Whole;

/// <summary>Faults that Linux' virtio_net does not survive, in a machine of its own.</summary>
[Collection(BedCollection.Name)]
public sealed class BrokenQueueTests(StableWholeRig rig) : IClassFixture<StableWholeRig>
{
    private const int NeedsReset = 0x40;

    [Fact]
    public Task After_a_refused_or_poisoned_dma_access_a_vf_asks_for_a_reset_in_vain_and_its_neighbours_go_on() => rig.Rig.RunAsync(async () =>
    {
        await rig.Guest.EnableAsync(4);
        await rig.Guest.ConnectAsync(0, 1);
        await rig.Guest.ConnectAsync(2, 3);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "dma-fault");
        Assert.Contains(" 100% packet loss", (await rig.Guest.PingAnyhowAsync(0, rig.Guest.AddressOf(1))).Output, StringComparison.Ordinal);
        NetFunctionStatus broken = await rig.Rig.Daemon.WaitForAsync("net0/1", f => f.Driver == "needs-reset", "needs a reset");
        Assert.Equal("01:00.2", broken.RoutingId);
        string status = (await rig.Guest.CheckAsync("cat $P/$(vf 1)/virtio*/status")).Trim();
        Assert.Equal(NeedsReset, Convert.ToInt32(status, 16) & NeedsReset);
        await rig.Guest.PingAsync(2, rig.Guest.AddressOf(3));

        // The same by data that came poisoned, with an error that the kernel hears of.
        await rig.Rig.Daemon.CheckAsync("inject", "net0/3", "poisoned");
        Assert.Contains(" 100% packet loss", (await rig.Guest.PingAnyhowAsync(2, rig.Guest.AddressOf(3))).Output, StringComparison.Ordinal);
        await rig.Rig.Daemon.WaitForAsync("net0/3", f => f.Driver == "needs-reset", "needs a reset");
        GuestResult log = await Eventually.GetAsync(
            () => rig.Guest.RunAsync("dmesg"), said => said.Output.Contains("device recovery failed", StringComparison.Ordinal), "recovery");
        Assert.Matches(@"10000:01:00.4: +\[12\] TLP", log.Output);
        await rig.Guest.PutAsync(-1);
        await rig.Guest.PingAsync(-1, rig.Guest.AddressOf(2));
    });
}
