using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>What a stock kernel and stock drivers make of injected faults (docs/guide/inject.md).</summary>
[Collection(BedCollection.Name)]
public sealed class InjectionTests(NewerWholeRig rig, ITestOutputHelper output) : IClassFixture<NewerWholeRig>
{
    private WholeGuest Guest => rig.Guest;

    [Theory]
    [InlineData("net0/1", "10000:01:00.2", "poisoned", "severity=Uncorrectable (Non-Fatal)")]
    [InlineData("net0/pf", "10000:01:00.0", "bad-tlp", "severity=Correctable")]
    public Task An_error_is_in_the_log_against_the_right_function(string target, string function, string error, string severity) =>
        rig.Rig.RunAsync(async () =>
        {
            await Guest.EnableAsync(4);
            await Guest.CheckAsync("dmesg -c >/dev/null");
            await rig.Rig.Daemon.CheckAsync("inject", target, "aer", $"error={error}");
            GuestResult log = await Eventually.GetAsync(
                () => Guest.RunAsync($"dmesg | grep {function}"),
                result => result.Output.Contains(severity, StringComparison.Ordinal),
                $"{error} of {target} in the log");
            output.WriteLine(await Guest.CheckAsync("dmesg"));
            Assert.Contains("PCIe Bus Error", log.Output, StringComparison.Ordinal);
            await Guest.ConnectAsync(0, 3);
        });

    [Fact]
    public Task Interrupts_that_come_twice_do_no_harm() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "duplicate-msi", "count=10");
        await Guest.PingAsync(0, Guest.AddressOf(1), 20);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "clear");
    });

    [Fact]
    public Task An_interrupt_that_is_lost_stops_a_queue_of_virtio_net_until_the_interface_is_opened_again() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "lost-msi", "count=4");
        GuestResult result = await Guest.PingAnyhowAsync(0, Guest.AddressOf(1), 10);
        output.WriteLine(result.Output);
        Assert.DoesNotContain(" 0% packet loss", result.Output, StringComparison.Ordinal);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "clear");
        await Guest.CheckAsync("""
            link=$(ip netns exec v1 ls /sys/class/net | grep eth); ip -n v1 link set $link down; ip -n v1 link set $link up
            """);
        await Guest.PingAsync(0, Guest.AddressOf(1));
    });

    [Theory]
    [InlineData("net0/1", "dma-fault", "count=100000")]
    [InlineData("net0/pf", "vf-enable-clear", null)]
    [InlineData("net0", "link-down", null)]
    public Task What_takes_functions_away_under_their_drivers_costs_these_and_a_new_start_heals(string target, string fault, string? key) =>
        rig.Rig.RunAsync(async () =>
        {
            await Guest.EnableAsync(2);
            await Guest.ConnectAsync(0, 1);
            string[] arguments = key is null ? ["inject", target, fault] : ["inject", target, fault, key];
            await rig.Rig.Daemon.CheckAsync(arguments);
            GuestResult result = await Guest.PingAnyhowAsync(0, Guest.AddressOf(1));
            output.WriteLine(result.Output + await Guest.CheckAsync("setpci -s $PF 0.l; setpci -s $(vf 0) 4.l; setpci -s $(vf 1) 4.l"));
            Assert.Contains("100% packet loss", result.Output, StringComparison.Ordinal);
            Assert.Equal(fault == "link-down", (await Guest.CheckAsync("setpci -s $PF 0.l")).Trim() == "ffffffff");
            Assert.Equal(fault != "dma-fault", (await Guest.CheckAsync("setpci -s $(vf 1) 4.l")).Trim() == "ffffffff");

            await rig.Rig.Daemon.CheckAsync("inject", "net0", "clear");
            await rig.Machine.ResetAsync();
            await Guest.WaitForDomainAsync();
            await Guest.EnableAsync(2);
            await Guest.ConnectAsync(0, 1);
        });

    [Fact]
    public Task A_function_that_reads_all_ones_goes_on_with_its_rings() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "all-ones");
        Assert.Equal("ffffffff", (await Guest.CheckAsync("setpci -s $(vf 1) 4.l")).Trim());
        Assert.NotEqual("ffffffff", (await Guest.CheckAsync("setpci -s $(vf 0) 4.l")).Trim());
        await Guest.PingAsync(0, Guest.AddressOf(1));
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "clear");
        Assert.NotEqual("ffffffff", (await Guest.CheckAsync("setpci -s $(vf 1) 4.l")).Trim());
    });

    [Fact]
    public Task A_pf_that_says_retry_while_it_is_enumerated_is_waited_for() => rig.Rig.RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 1 >$P/$PF/remove");
        await rig.Rig.Daemon.CheckAsync("inject", "net0/pf", "retry", "count=4");
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan");
        await Guest.EnableAsync(2);
        await Guest.ConnectAsync(0, 1);
    });

    [Fact]
    public Task A_vf_that_is_late_gets_no_driver_and_has_one_with_the_next_try() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(0);
        await Guest.CheckAsync("dmesg -c >/dev/null");
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "late", "ms=900");
        await Guest.EnableAsync(3);
        string log = await Guest.CheckAsync("dmesg");
        output.WriteLine(log);
        Assert.Contains("10000:01:00.2: virtio_pci: leaving for legacy driver", log, StringComparison.Ordinal);
        Assert.Equal("n", (await Guest.CheckAsync("test -e $P/$(vf 1)/driver && echo y || echo n")).Trim());
        await Guest.ConnectAsync(0, 2);
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "clear");
        await Guest.EnableAsync(3);
        await Guest.ConnectAsync(1, 2);
    });
}
