using SoftIov.Api;
using SoftIov.Lab.TestBed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>A stock kernel's own SR-IOV code and its stock drivers with an adapter that it has whole: the main things, by kernel.</summary>
public abstract class WholeAdapterTests(WholeRig rig, ITestOutputHelper output)
{
    private const int TotalVfs = 16;

    private WholeGuest Guest => rig.Guest;

    [Fact]
    public Task The_kernel_enumerates_port_pf_and_vfs_without_a_warning() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(TotalVfs);
        string seen = await Guest.CheckAsync(
            "lspci -tv; lspci -vvs $PF; lspci -vvs $(vf 0); readlink $P/$PF/driver; readlink $P/$(vf 15)/driver");
        output.WriteLine(seen);
        output.WriteLine(await Guest.CheckAsync("dmesg | grep -E '1000[01]:|vmd'"));
        Assert.Contains($"Initial VFs: {TotalVfs}, Total VFs: {TotalVfs}, Number of VFs: {TotalVfs}", seen, StringComparison.Ordinal);
        Assert.Contains("ARIHierarchy+", seen, StringComparison.Ordinal);
        Assert.Equal(2, seen.Split("/drivers/virtio-pci").Length - 1);
        Assert.Equal("", await Guest.WarningsAsync());
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs");
        EventsResult told = await rig.Rig.Daemon.Client.GetEventsAsync(new EventsRequest("net0", AtMost: 2));
        Assert.Equal(
            [(EventKind.VfsEnabled, "16 VFs, by its guest"), (EventKind.VfsDisabled, "no VFs, by its guest")],
            told.Events.Select(e => (e.Kind, e.Message)));
    });

    [Fact]
    public Task Lspci_in_the_guest_reads_what_the_daemon_dumps() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(3);
        SortedDictionary<string, byte[]> guest = ConfigDump.Parse(
            await Guest.CheckAsync("for f in $PORT $PF $(vf 0) $(vf 1) $(vf 2); do lspci -xxxx -s $f; done"));
        SortedDictionary<string, byte[]> daemon = ConfigDump.Parse(
            await rig.Rig.Daemon.Client.LspciAsync("net0", FunctionView.Fabric));
        Assert.Equal(["00:00.0", "01:00.0", "01:00.1", "01:00.2", "01:00.3"], guest.Keys);
        Assert.Equal(daemon.Keys, guest.Keys);
        foreach ((string function, byte[] seen) in guest)
            Assert.True(seen.AsSpan().SequenceEqual(daemon[function]), $"{function}: {ConfigDump.Difference(seen, daemon[function])}");
    });

    [Fact]
    public Task Every_number_of_vfs_can_be_enabled_and_one_more_cannot() => rig.Rig.RunAsync(async () =>
    {
        string seen = await Guest.CheckAsync($"""
            [ $(cat $P/$PF/sriov_numvfs) = 0 ] || echo 0 >$P/$PF/sriov_numvfs
            echo 0 >$P/$PF/sriov_drivers_autoprobe
            for n in $(seq {TotalVfs}); do
                echo $n >$P/$PF/sriov_numvfs || exit 1
                echo $n $(cat $P/$PF/sriov_numvfs) $(ls -d $P/$D:01:* | wc -l) $(test -e $P/$(vf $((n - 1))) && echo last)
                [ $n = {TotalVfs} ] || echo 0 >$P/$PF/sriov_numvfs
            done
            """);
        IEnumerable<string> expected = Enumerable.Range(1, TotalVfs).Select(n => $"{n} {n} {n + 1} last");
        Assert.Equal(expected, seen.TrimEnd().Split('\n'));
        await rig.Rig.Daemon.CheckAsync("get", "net0/15");
        GuestResult tooMany = await Guest.RunAsync($"echo 0 >$P/$PF/sriov_numvfs; echo {TotalVfs + 1} >$P/$PF/sriov_numvfs");
        Assert.False(tooMany.Succeeded);
        Assert.Empty((await rig.Rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions.Skip(1));
    });

    [Fact]
    public Task Each_vf_has_registers_of_its_own_and_the_policy_outside_holds() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(TotalVfs);
        string[] seen = (await Guest.CheckAsync($"for i in $(seq 0 {TotalVfs - 1}); do cat $P/$(vf $i)/virtio*/net/*/address; done"))
            .TrimEnd().Split('\n');
        NetFunctionStatus[] functions = [.. (await rig.Rig.Daemon.Client.GetAsync("net0")).Adapters[0].Functions.Skip(1).Cast<NetFunctionStatus>()];
        Assert.Equal(functions.Select(function => function.Mac), seen);
        Assert.Equal(TotalVfs, seen.Distinct().Count());
        Assert.Equal("02:50:f1:00:00:02", seen[2]);
        Assert.All(functions, function => Assert.Equal("driver-ok", function.Driver));
    });

    [Fact]
    public Task Pf_and_vfs_have_traffic_that_the_operator_outside_sees_and_stops() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        foreach (int function in (int[])[-1, 0, 3])
            await Guest.PutAsync(function);
        await Guest.PingAsync(-1, Guest.AddressOf(0));
        await Guest.PingAsync(0, Guest.AddressOf(3), 20);
        await Guest.PingAsync(3, Guest.AddressOf(-1));
        NetFunctionStatus vf = await rig.Rig.Daemon.GetAsync("net0/3");
        Assert.True(vf.Counters.TxPackets > 20 && vf.Counters.RxPackets > 20, $"{vf.Counters}");
        Assert.Contains("virtio", await Guest.CheckAsync("awk '$2 + $3 > 10' /proc/interrupts"), StringComparison.Ordinal);

        await rig.Rig.Daemon.CheckAsync("set", "net0/3", "state=disable");
        Assert.Contains("100% packet loss", (await Guest.PingAnyhowAsync(0, Guest.AddressOf(3))).Output, StringComparison.Ordinal);
        await rig.Rig.Daemon.CheckAsync("set", "net0/3", "state=auto");
        await Guest.WaitForLinkAsync(3);
        await Guest.PingAsync(0, Guest.AddressOf(3));
    });

    [Fact]
    public Task A_function_level_reset_of_a_vf_costs_its_neighbours_nothing() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 1);
        Task traffic = Guest.PingAsync(0, Guest.AddressOf(1), 60);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal("flr", (await Guest.CheckAsync("cat $P/$(vf 3)/reset_method")).Trim());
            await Guest.CheckAsync("setpci -s $(vf 3) COMMAND=4:4; echo $(vf 3) >$DRIVER/unbind; echo 1 >$P/$(vf 3)/reset");
            await Guest.CheckAsync("echo $(vf 3) >$DRIVER/bind");
        }

        await traffic;
        await Guest.PutAsync(3);
        await Guest.PingAsync(3, Guest.AddressOf(0));
    });
}
