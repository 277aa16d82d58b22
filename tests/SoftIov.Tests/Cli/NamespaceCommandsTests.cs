using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>Disks at the command line: namespaces, and what get and stats make of controllers.</summary>
public class NamespaceCommandsTests
{
    [Fact]
    public async Task Get_shows_adapters_controllers_and_namespaces()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();
        fixture.Operations.Set(new SetRequest("disk0/1", new Dictionary<string, string> { ["iops"] = "500" }));
        fixture.Adapters.AttachedDriver = "ready";
        fixture.Attach("disk0/0");

        CommandRun run = await CommandRun.OfAsync(fixture, "get");

        Assert.Equal(
            """
            ADAPTER  KIND  VFS  BACKING         CAPACITY  FREE    QUEUES  WHOLE  STATE
            disk0    nvme  2/8  file:/disk.img  1GiB      512MiB  4       -      ok

            FUNCTION  RID      CNTLID  DRIVER  QUEUES  NAMESPACES  ATTACHED              POLICY
            disk0/pf  01:00.0  1       none    2       2           -                     -
            disk0/0   01:00.1  2       ready   2       1,2         qemu-system-x86:4711  -
            disk0/1   01:00.2  3       none    2       2           -                     iops=500

            ADAPTER  NSID  SIZE   BLOCK  SHARED  ORIGIN         HELD-BY
            disk0    1     10GiB  512    no      configuration  disk0/0
            disk0    2     1GiB   4096   yes     configuration  disk0/pf,disk0/0,disk0/1

            """, run.Out);
    }

    [Fact]
    public async Task Stats_shows_commands_and_latencies()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();

        CommandRun run = await CommandRun.OfAsync(fixture, "stats", "disk0/1");

        Assert.Equal(
            """
            FUNCTION  READS  READ-BYTES  WRITES  WRITTEN-BYTES  FLUSHES  OTHERS  ERRORS  MEDIA-ERRORS  P50-US  P99-US
            disk0/1      10          20      30             40        5       6       8             0      <4     <16

            """, run.Out);
    }

    [Fact]
    public async Task Net_and_disks_stand_below_each_other()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState([.. fixture.Operations.Desired.Adapters, new NetAdapterSpec("net0")])));

        string get = (await CommandRun.OfAsync(fixture, "get")).Out;
        string stats = (await CommandRun.OfAsync(fixture, "stats")).Out;

        Assert.Equal(5, get.Split("\n\n").Length);
        Assert.StartsWith("ADAPTER  KIND  VFS   MTU", get);
        Assert.Equal(2, stats.Split("\n\n").Length);
    }

    [Fact]
    public async Task List_shows_namespaces_alone()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();
        fixture.Adapters.GuestNamespaces.Add(new NamespaceStatus(3, 1 << 20, 512, false, [], NamespaceOrigin.Guest, Guid.Empty));

        CommandRun run = await CommandRun.OfAsync(fixture, "ns", "list", "disk0");
        CommandRun json = await CommandRun.OfAsync(fixture, "namespace", "list", "--json");

        Assert.Equal("disk0    3     1MiB   512    no      guest          -", run.Out.TrimEnd().Split('\n')[^1]);
        Assert.Contains("\"origin\": \"guest\"", json.Out);
        Assert.Contains("\"personality\": \"nvme\"", json.Out);
    }

    [Fact]
    public async Task Create_takes_the_lowest_number_and_is_kept()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();
        fixture.Adapters.GuestNamespaces.Add(new NamespaceStatus(3, 1 << 20, 512, false, [], NamespaceOrigin.Guest, Guid.Empty));

        CommandRun run = await CommandRun.OfAsync(fixture, "namespace", "create", "disk0", "1GiB", "pf", "1", "--shared", "--block-size", "4096");

        Assert.Equal("TARGET  OUTCOME  STEP\ndisk0   done     create namespace 4: 1GiB shared for the PF, VF 1\n", run.Out);
        Assert.Equal(new NamespaceSpec(1L << 30, 4096, Shared: true, [1], Pf: true), Disk(fixture).Namespaces[4]);
    }

    [Fact]
    public async Task Create_leaves_VFs_their_own()
    {
        await using var fixture = new ControlFixture();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState(
            [new NvmeAdapterSpec("disk0", new(NvmeBackingKind.File, "/disk.img"), TotalVfs: 2)])));

        CommandRun run = await CommandRun.OfAsync(fixture, "namespace", "create", "disk0", "1MiB", "--id", "9");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal(VfNamespacesSpec.Equal, Disk(fixture).VfNamespaces);
        Assert.Equal([1, 2, 9], Disk(fixture).WantedNamespaces.Keys);
    }

    [Fact]
    public async Task Attach_and_detach_change_who_has_it()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();

        await CommandRun.OfAsync(fixture, "namespace", "attach", "disk0", "2", "3");
        CommandRun some = await CommandRun.OfAsync(fixture, "namespace", "detach", "disk0", "2", "0", "pf");
        Assert.Equal([1, 3], Disk(fixture).Namespaces[2].Vfs);
        CommandRun all = await CommandRun.OfAsync(fixture, "namespace", "detach", "disk0", "2", "--dry-run");

        Assert.Contains("done     give namespace 2 to VF 1, VF 3", some.Out);
        Assert.Contains("planned  give namespace 2 to nobody", all.Out);
    }

    [Fact]
    public async Task Delete_needs_force()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();

        CommandRun refused = await CommandRun.OfAsync(fixture, "namespace", "delete", "disk0", "1");
        CommandRun forced = await CommandRun.OfAsync(fixture, "namespace", "delete", "disk0", "1", "--force");

        Assert.Equal(
            (ExitCode.Failed, "error: data would be lost: namespace 1 of disk0\n  fix: save them first, and use --force\n"),
            (refused.ExitCode, refused.Error));
        Assert.Contains("done     delete namespace 1 and its data", forced.Out);
        Assert.Equal([2], Disk(fixture).Namespaces.Keys);
    }

    [Fact]
    public async Task A_namespace_of_a_guest_is_changed_and_not_wanted()
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();
        fixture.Adapters.GuestNamespaces.Add(new NamespaceStatus(3, 1 << 20, 512, true, ["disk0/pf", "disk0/0"], NamespaceOrigin.Guest, Guid.Empty));
        DesiredState wanted = fixture.Operations.Desired;

        CommandRun attached = await CommandRun.OfAsync(fixture, "namespace", "attach", "disk0", "3", "1");
        CommandRun refused = await CommandRun.OfAsync(fixture, "namespace", "delete", "disk0", "3");
        CommandRun deleted = await CommandRun.OfAsync(fixture, "namespace", "delete", "disk0", "3", "--force");

        Assert.Contains("give namespace 3 to the PF, VF 0, VF 1", attached.Out);
        Assert.Contains("data would be lost: namespace 3 of disk0", refused.Error);
        Assert.Contains("done     delete namespace 3 and its data", deleted.Out);
        Assert.Same(wanted, fixture.Operations.Desired);
    }

    [Theory]
    [InlineData("there is no adapter 'disk1'", "did you mean disk0?", "delete", "disk1", "1")]
    [InlineData("disk0 has no namespace 9", "softiov namespace list disk0", "delete", "disk0", "9")]
    [InlineData("'x' is no function", "pf, or a VF number from 0", "attach", "disk0", "1", "x")]
    [InlineData("VF 8 does not exist", "VFs of this adapter are 0 to 7 (totalVfs)", "attach", "disk0", "2", "8")]
    [InlineData("namespace 1 is private, and 2 functions are to have it", "add 'shared: true'", "attach", "disk0", "1", "1")]
    [InlineData("disk0 has a namespace 1 already", "leave the NSID out, or take another", "create", "disk0", "1MiB", "--id", "1")]
    [InlineData("id 33 is out of range", "1 to 32", "create", "disk0", "1MiB", "--id", "33")]
    public async Task What_the_daemon_refuses_is_said_with_a_fix(string error, string fix, params string[] args)
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();

        CommandRun run = await CommandRun.OfAsync(fixture, ["namespace", .. args]);

        Assert.Equal(("", $"error: {error}\n  fix: {fix}\n"), (run.Out, run.Error));
        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
    }

    [Fact]
    public async Task A_size_is_checked_before_anybody_is_asked()
    {
        CommandRun run = await CommandRun.OfAsync("namespace", "create", "disk0", "10G");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("'10G' is no size: write a size such as 512MiB, 10GiB or 100GB", run.Error);
    }

    [Fact]
    public async Task A_net_adapter_and_a_VFs_own_namespace_are_refused_with_the_reason()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState(
            [.. fixture.Operations.Desired.Adapters, new NvmeAdapterSpec("disk0", new(NvmeBackingKind.File, "/disk.img"))])));

        CommandRun net = await CommandRun.OfAsync(fixture, "namespace", "create", "net0", "1MiB");
        CommandRun own = await CommandRun.OfAsync(fixture, "namespace", "delete", "disk0", "4", "--force");

        Assert.Contains("net0 is a net adapter, and has no namespaces", net.Error);
        Assert.Contains("namespace 4 is VF 3's own, by vfNamespaces", own.Error);
    }

    private static NvmeAdapterSpec Disk(ControlFixture fixture) => Assert.IsType<NvmeAdapterSpec>(fixture.Operations.Desired.Adapters[0]);
}
