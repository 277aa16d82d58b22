using System.Diagnostics;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Lab.VfioUser;
using SoftIov.Tests.Cli;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>An adapter that is given away whole and taken back: leases, what is refused, what is said.</summary>
public sealed class WholeHostTests
{
    private const string Net0 = "adapters: [{ name: net0, totalVfs: 16 }]";

    [Fact]
    public async Task A_VF_with_a_pin_and_an_adapter_that_is_whole_exclude_each_other()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, vfs: { 1: { interrupts: intx } } }]");
        ControlException refused = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0", Whole: true)));
        Assert.Equal(ControlErrorCode.InvalidConfiguration, refused.Code);
        Assert.Contains("no INTx", refused.Message, StringComparison.Ordinal);
        await host.Client.SetAsync(Set("net0/1", "interrupts", "msix"));
        await host.Client.AttachAsync(new AttachRequest("net0", Whole: true));
        await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(Set("net0/2", "interrupts", "intx")));
    }

    [Fact]
    public async Task A_lease_is_of_the_PF_or_of_the_adapter_whole_and_never_of_both()
    {
        await using HostFixture host = await HostFixture.StartAsync(Net0);
        await host.Client.AttachAsync(new AttachRequest("net0/pf", Owner: "65534"));
        ControlException refused = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0", Whole: true)));
        Assert.Equal(ControlErrorCode.NeedsForce, refused.Code);
        Assert.Contains("net0/pf", refused.Message, StringComparison.Ordinal);
        Assert.Equal("user 65534", await host.LeaseAsync("net0/pf"));

        await host.Client.SetAsync(Set("net0", "whole", "true", force: true));
        await host.Client.AttachAsync(new AttachRequest("net0", Whole: true, Owner: "65534"));
        Assert.Equal("user 65534", await host.LeaseAsync("net0"));
        await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(Set("net0", "whole", "false")));
        await host.Client.DetachAsync(new DetachRequest("net0"));
        Assert.Equal("root and the daemon's user", await host.LeaseAsync("net0/pf"));
        await host.Client.AttachAsync(new AttachRequest("net0", Whole: true));
        Assert.Equal("root and the daemon's user", await host.LeaseAsync("net0"));
    }

    [Fact]
    public async Task A_plug_that_fails_leaves_the_adapter_as_it_was()
    {
        await using HostFixture host = await HostFixture.StartAsync(Net0);
        await Assert.ThrowsAsync<ControlException>(
            () => host.Client.AttachAsync(new AttachRequest("net0", Whole: true, Qmp: Path.Combine(host.Files, "no-such-monitor"))));
        Assert.True(File.Exists(host.Socket("pf.sock")));
        await using var qemu = new QemuMonitorModel { Ports = { ["rp1"] = "other" } };
        await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0", Whole: true, Qmp: qemu.Path)));
        Assert.True(File.Exists(host.Socket("pf.sock")));
        Assert.Null((await host.Client.GetAsync("net0")).Adapters[0].WholeSocket);
    }

    [Fact]
    public async Task Who_has_the_adapter_whole_is_described_with_what_it_lost()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, whole: true }]");
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("whole.sock"));
        DescribeRow[] rows = [.. (await host.Client.DescribeAsync("net0")).Sections.SelectMany(s => s.Rows)];
        Assert.Contains(new DescribeRow("whole interrupts", "messages"), rows);
        Assert.Contains(new DescribeRow("bus master", "off"), rows);
        Assert.Contains(new DescribeRow("mapped memory", "0 MiB in 0 mappings"), rows);
        Assert.Contains(new DescribeRow("lost interrupts", "0"), rows);
    }

    [Fact]
    public async Task An_adapter_that_is_whole_is_served_by_a_thread_of_its_own()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: alone, totalVfs: 16, whole: true }]");
        Assert.Equal(1, ThreadsNamed("softiov-alone"));
        await host.Client.DetachAsync(new DetachRequest("alone"));

        // Who joined a thread may be sooner than the kernel, which takes it off its list.
        Assert.True(SpinWait.SpinUntil(() => ThreadsNamed("softiov-alone") == 0, TimeSpan.FromSeconds(30)));
    }

    private static int ThreadsNamed(string name) =>
        Directory.GetDirectories("/proc/self/task").Count(task => NameOf(Path.Combine(task, "comm")) == name);

    private static string NameOf(string comm)
    {
        try
        {
            return File.ReadAllText(comm).Trim();
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }

    [Fact]
    public async Task A_VF_that_is_not_there_is_enabled_by_the_VM_that_has_the_adapter()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, whole: true }]");
        ControlException refused = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0/3")));
        Assert.Contains("echo 4 > /sys/bus/pci/devices/.../sriov_numvfs", Assert.Single(refused.Details.Errors).Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VFs_that_an_injected_fault_takes_away_are_an_event()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, whole: true }]");
        using VfioUserClient guest = VfioUserClient.Connect(host.Socket("whole.sock"));
        ProbedPhysical pf = await ProbedPhysical.FindAsync(guest);
        pf.NumVfs = 4;
        pf.Control = 0x19;
        await host.Client.InjectAsync(new InjectRequest("net0", "vf-enable-clear"));
        DaemonEvent last = (await host.Client.GetEventsAsync(new EventsRequest("net0"))).Events[^1];
        Assert.Equal((EventKind.VfsDisabled, "no VFs, by a fault that was injected"), (last.Kind, last.Message));
    }

    [Fact]
    public async Task A_guest_that_enables_its_VFs_over_and_over_waits_each_time()
    {
        const int Times = 25;
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, whole: true }]");
        using VfioUserClient guest = VfioUserClient.Connect(host.Socket("whole.sock"));
        ProbedPhysical pf = await ProbedPhysical.FindAsync(guest);
        pf.NumVfs = 4;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Times; i++)
        {
            pf.Control = 0x19;
            pf.Control = 0x10;
        }

        Assert.Equal(0, pf.Control & 1);
        Assert.True(Stopwatch.GetElapsedTime(start) > 0.8 * (Times - 1) * EnablingPace.Rest, "it did not wait");
    }

    private static SetRequest Set(string target, string key, string value, bool force = false) =>
        new(target, new Dictionary<string, string> { [key] = value }, Force: force);
}
