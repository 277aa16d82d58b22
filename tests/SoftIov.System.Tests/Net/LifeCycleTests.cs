using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Net;

/// <summary>Guests, VMMs and the daemon that end or start anew at the worst time. Tests have rigs of their own.</summary>
[Collection(BedCollection.Name)]
public sealed class LifeCycleTests(BedFixture bed, ITestOutputHelper output)
{
    private const string Configuration = "adapters: [{name: net0, totalVfs: 8, numVfs: 2}]";

    [Fact]
    public async Task A_machine_killed_in_full_traffic_hurts_nobody_and_a_new_one_takes_its_vf_at_once()
    {
        await using Rig rig = await Rig.StartAsync(bed, Configuration);
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) = await BootPairAsync(rig);
            await beta.ServeAsync(5001);
            await alpha.CheckAsync($"(iperf3 -c {PairRig.BetaAddress} -p 5001 -t 120 --bidir >/dev/null 2>&1 &)");
            await rig.Daemon.WaitForAsync(
                "net0/0", vf => vf.Counters is { RxBytes: > 1_000_000, TxBytes: > 1_000_000 }, "traffic both ways");
            alpha.Machine.Kill();

            VirtualMachine anew = await rig.BootAsync(new VirtualMachineOptions { Name = "anew" }, "net0/0");
            GuestNic nic = await rig.FindNicAsync(anew, "net0/0");
            await nic.UpAsync($"{PairRig.AlphaAddress}/24");
            Assert.Equal(0, await nic.PingAsync(PairRig.BetaAddress));
            double megabits = await nic.MeasureTcpAsync(beta, PairRig.BetaAddress);
            output.WriteLine($"after the kill: {megabits:F0} Mbit/s");
            Assert.True(megabits > 20, $"{megabits} Mbit/s");
            Assert.Equal(anew.ProcessId, (await rig.Daemon.GetAsync("net0/0")).Attachment!.ProcessId);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guest_that_reboots_or_is_reset_in_traffic_has_its_vf_again(bool byButton)
    {
        await using Rig rig = await Rig.StartAsync(bed, Configuration);
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) = await BootPairAsync(rig);
            await beta.ServeAsync(5001);
            await alpha.CheckAsync($"(iperf3 -c {PairRig.BetaAddress} -p 5001 -t 120 --bidir >/dev/null 2>&1 &)");
            await rig.Daemon.WaitForAsync("net0/0", vf => vf.Counters.TxBytes > 1_000_000, "traffic");
            for (int round = 0; round < 2; round++)
            {
                await (byButton ? alpha.Machine.ResetAsync() : alpha.Machine.RebootAsync());
                GuestNic nic = await rig.FindNicAsync(alpha.Machine, "net0/0");
                await nic.UpAsync($"{PairRig.AlphaAddress}/24");
                Assert.Equal(0, await nic.PingAsync(PairRig.BetaAddress));
            }
        });
    }

    // Stopped, not killed: QEMU up to 11.1.3 may abort when a server is gone with messages on their way to it (decision 0067).
    [Fact]
    public async Task Guests_survive_a_daemon_that_is_stopped_in_traffic()
    {
        await using Rig rig = await Rig.StartAsync(bed, Configuration);
        await rig.RunAsync(async () =>
        {
            (GuestNic alpha, GuestNic beta) = await BootPairAsync(rig);
            await beta.ServeAsync(5001);
            await alpha.CheckAsync($"(iperf3 -c {PairRig.BetaAddress} -p 5001 -t 120 --bidir >/dev/null 2>&1 &)");
            await rig.Daemon.WaitForAsync("net0/0", vf => vf.Counters.TxBytes > 1_000_000, "traffic");
            Assert.Equal(0, await rig.Daemon.TerminateAsync());

            // The NIC is dead, the guests are not: they take commands, and the kernel has not crashed.
            foreach (GuestNic nic in (GuestNic[])[alpha, beta])
            {
                Assert.Equal(100, await nic.PingAsync("10.0.0.9", count: 2));
                Assert.DoesNotContain("Oops", await nic.CheckAsync("dmesg"), StringComparison.Ordinal);
                Assert.False(nic.Machine.HasExited);
            }
        });
    }

    private static async Task<(GuestNic Alpha, GuestNic Beta)> BootPairAsync(Rig rig)
    {
        VirtualMachine[] machines = await Task.WhenAll(
            rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
            rig.BootAsync(new VirtualMachineOptions { Name = "beta", Kernel = GuestKernel.Newer }, "net0/1"));
        GuestNic alpha = await rig.FindNicAsync(machines[0], "net0/0");
        GuestNic beta = await rig.FindNicAsync(machines[1], "net0/1");
        await alpha.UpAsync($"{PairRig.AlphaAddress}/24");
        await beta.UpAsync($"{PairRig.BetaAddress}/24");
        return (alpha, beta);
    }
}
