using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>The daemon put together, by its control socket and its functions' sockets.</summary>
public sealed class DaemonHostTests
{
    private const string TwoVfs = "adapters: [{ name: net0, totalVfs: 16, numVfs: 2 }]";
    private const uint VirtioNet = 0x1041_1AF4;
    private const uint Vmd = 0x28C0_8086;
    private const ulong BusNumbers = 0x18;
    private const ulong CommandOnBus1 = (1 << 20) + 4;

    [Fact]
    public async Task Every_function_is_served_as_an_endpoint_of_its_own()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        foreach (string file in (string[])["pf.sock", "vf0.sock", "vf1.sock"])
        {
            using VfioUserClient client = VfioUserClient.Connect(host.Socket(file));
            Assert.Equal(VirtioNet, client.ReadConfig32(0));
        }

        Assert.False(File.Exists(host.Socket("vf2.sock")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(host.Socket("vf0.sock")) & (UnixFileMode)0x1FF);
    }

    [Fact]
    public async Task An_attachment_shows_and_goes()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using (VfioUserClient client = VfioUserClient.Connect(host.Socket("vf1.sock")))
        {
            NetFunctionStatus attached = await host.UntilAsync("net0/1", f => f.Attachment is not null);
            Assert.Equal(Environment.ProcessId, attached.Attachment!.ProcessId);
            Assert.Null((await host.FunctionAsync("net0/0")).Attachment);
        }

        await host.UntilAsync("net0/1", f => f.Attachment is null);
        using VfioUserClient next = VfioUserClient.Connect(host.Socket("vf1.sock"));
        Assert.Equal(VirtioNet, next.ReadConfig32(0));
    }

    [Fact]
    public async Task The_operator_hears_what_a_client_was_refused()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf1.sock"));
        using FileDescriptor unsealed = MemoryFile.Create("guest", 1 << 20, FileSeals.None);

        Assert.ThrowsAny<Exception>(() => client.MapDma(0, 1 << 20, DmaAccess.Read | DmaAccess.Write, unsealed));

        EventsResult last = await host.Client.GetEventsAsync(new EventsRequest("net0/1"));
        DaemonEvent warned = Assert.Single(last.Events, e => e.Kind == EventKind.Warned);
        Assert.Contains("not sealed against shrinking", warned.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_directory_that_somebody_removed_is_made_again()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        Directory.Delete(Path.GetDirectoryName(host.Socket("vf0.sock"))!, recursive: true);

        await host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["numVfs"] = "3" }));

        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf2.sock"));
        Assert.Equal(VirtioNet, client.ReadConfig32(0));
    }

    [Fact]
    public async Task Vfs_in_use_are_only_disabled_by_force_and_then_their_clients_are_cut_off()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
        await host.UntilAsync("net0/0", f => f.Attachment is not null);
        Dictionary<string, string> four = new() { ["numVfs"] = "4" };

        ControlException refused = await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(new SetRequest("net0", four)));
        Assert.Equal(ControlErrorCode.NeedsForce, refused.Code);
        Assert.Contains("net0/0", refused.Message, StringComparison.Ordinal);
        Assert.Equal(VirtioNet, client.ReadConfig32(0));

        await host.Client.SetAsync(new SetRequest("net0", four, Force: true));
        Assert.ThrowsAny<Exception>(() => client.ReadConfig32(0));
        Assert.Equal(4, (await host.Client.GetAsync("net0")).Adapters.Single().NumVfs);
        using VfioUserClient fresh = VfioUserClient.Connect(host.Socket("vf3.sock"));
        Assert.Equal(VirtioNet, fresh.ReadConfig32(0));
    }

    [Fact]
    public async Task What_was_wanted_is_there_again_after_a_restart()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        await host.Client.SetAsync(new SetRequest("net0/1", new Dictionary<string, string> { ["vlan"] = "100", ["max_tx_rate"] = "50" }));
        string mac = (await host.FunctionAsync("net0/1")).Mac;

        await host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["lineRate"] = "1000" }));

        await host.RestartAsync();
        Assert.Equal(1000, (await host.Client.GetDesiredAsync()).Net().LineRateMegabits);
        Assert.Empty((await host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["lineRate"] = "1000" }))).Steps);
        NetFunctionStatus vf = await host.FunctionAsync("net0/1");
        Assert.Equal((100, 50), (vf.Policy!.Vlan, vf.Policy.MaxTxRateMegabits));
        Assert.Equal(mac, vf.Mac);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf1.sock"));
        Assert.Equal(VirtioNet, client.ReadConfig32(0));
    }

    [Theory]
    [InlineData("net0", "numVfs", "17")]
    [InlineData("net0", "uplink", "interface:not-there-0")]
    [InlineData("net0/0", "vlan", "4095")]
    [InlineData("net0/0", "mac", "01:00:00:00:00:01")]
    [InlineData("net0/0", "owner", "nobody-of-this-name")]
    [InlineData("net0/0", "colour", "red")]
    [InlineData("net0/16", "vlan", "1")]
    public async Task An_error_leaves_everything_as_it_was(string target, string key, string value)
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
        await host.UntilAsync("net0/0", f => f.Attachment is not null);
        DesiredState before = await host.Client.GetDesiredAsync();

        await Assert.ThrowsAsync<ControlException>(
            () => host.Client.SetAsync(new SetRequest(target, new Dictionary<string, string> { [key] = value })));
        Assert.Equivalent(before, await host.Client.GetDesiredAsync(), strict: true);
        Assert.Equal(VirtioNet, client.ReadConfig32(0));
        Assert.Equal(2, (await host.Client.GetAsync("net0")).Adapters.Single().NumVfs);
    }

    [Fact]
    public async Task Both_views_of_a_vf_are_there_for_lspci()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        string fabric = await host.Client.LspciAsync("net0/0", FunctionView.Fabric);
        string assigned = await host.Client.LspciAsync("net0/0", FunctionView.Assigned);
        Assert.Contains("\n00: ff ff ff ff", fabric, StringComparison.Ordinal);
        Assert.Contains("\n00: f4 1a 41 10", assigned, StringComparison.Ordinal);
        string all = await host.Client.LspciAsync("net0", FunctionView.Fabric);
        Assert.Equal(3, all.Split('\n').Count(line => line.StartsWith("00: ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, FunctionView.Fabric, "00:00.0 net0/port", "01:00.0 net0/pf")]
    [InlineData(true, FunctionView.Assigned, "01:00.0 net0/pf")]
    [InlineData(false, FunctionView.Fabric, "01:00.0 net0/pf")]
    public async Task The_root_port_is_there_for_lspci_where_a_guest_can_see_it(bool whole, FunctionView view, params string[] functions)
    {
        string yaml = $"adapters: [{{ name: net0, totalVfs: 4, whole: {(whole ? "true" : "false")} }}]";
        await using HostFixture host = await HostFixture.StartAsync(yaml);
        using VfioUserClient? client = whole ? VfioUserClient.Connect(host.Socket("whole.sock")) : null;
        client?.WriteRegion(0, BusNumbers, [0, 1, 1, 0]);
        client?.WriteRegion(0, CommandOnBus1, [0, 0]); // the PF learns its bus number
        string all = await host.Client.LspciAsync("net0", view);
        Assert.Equal(functions, all.Split('\n').Where(line => line.Contains("net0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_owner_gets_the_socket_and_only_root_and_the_daemon_besides()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        await using HostFixture host = await HostFixture.StartAsync(
            "adapters: [{ name: net0, totalVfs: 4, numVfs: 2, vfs: { 0: { owner: \"65534\" } } }]");
        Assert.Equal("65534", OwnerOf(host.Socket("vf0.sock")));
        Assert.Equal("0", OwnerOf(host.Socket("vf1.sock")));
        await host.Client.SetAsync(new SetRequest("net0/0", new Dictionary<string, string> { ["owner"] = "none" }));
        Assert.Equal("0", OwnerOf(host.Socket("vf0.sock")));
        await host.Client.AttachAsync(new AttachRequest("net0/1", Owner: "65534"));
        Assert.Equal("65534", OwnerOf(host.Socket("vf1.sock")));
    }

    [Fact]
    public async Task Whole_the_adapter_has_one_socket_and_its_functions_none()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16 }]");
        AttachResult attach = await host.Client.AttachAsync(new AttachRequest("net0", Whole: true));
        Assert.Equal(host.Socket("whole.sock"), attach.Socket);
        Assert.False(File.Exists(host.Socket("pf.sock")));
        using (VfioUserClient client = VfioUserClient.Connect(attach.Socket))
        {
            Assert.Equal(Vmd, client.ReadConfig32(0));
            ControlException refused = await Assert.ThrowsAsync<ControlException>(
                () => host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["numVfs"] = "2" })));
            Assert.Equal(ControlErrorCode.InvalidConfiguration, refused.Code);
        }

        await host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["whole"] = "false", ["numVfs"] = "2" }, Force: true));
        using VfioUserClient vf = VfioUserClient.Connect(host.Socket("vf1.sock"));
        Assert.Equal(VirtioNet, vf.ReadConfig32(0));
        Assert.False(File.Exists(host.Socket("whole.sock")));
    }

    [Fact]
    public async Task The_operator_hears_that_a_guest_enabled_or_disabled_the_vfs_of_its_adapter()
    {
        await using HostFixture host = await HostFixture.StartAsync("adapters: [{ name: net0, totalVfs: 16, whole: true }]");
        VfioUserClient guest = VfioUserClient.Connect(host.Socket("whole.sock"));
        ProbedPhysical pf = await ProbedPhysical.FindAsync(guest);
        foreach (ushort control in (ushort[])[0x19, 0x10, 0x19])
        {
            pf.NumVfs = 4;
            pf.Control = control;
        }

        Assert.Equal(["4 VFs, by its guest", "no VFs, by its guest", "4 VFs, by its guest"], await VfEventsAsync());
        guest.Reset();
        Assert.Equal("no VFs: the adapter was reset", (await VfEventsAsync())[^1]);
        guest.Dispose();

        async Task<string[]> VfEventsAsync() => [.. (await host.Client.GetEventsAsync(new EventsRequest("net0"))).Events
            .Where(e => e.Kind is EventKind.VfsEnabled or EventKind.VfsDisabled).Select(e => e.Message)];
    }

    [Fact]
    public async Task A_thousand_VFs_are_served_and_go_again()
    {
        const int Vfs = 1024;
        await using HostFixture host = await HostFixture.StartAsync($"adapters: [{{ name: net0, totalVfs: {Vfs}, numVfs: {Vfs} }}]");
        foreach (int vf in (int[])[0, 255, 256, Vfs - 1])
        {
            using VfioUserClient client = VfioUserClient.Connect(host.Socket($"vf{vf}.sock"));
            Assert.Equal(VirtioNet, client.ReadConfig32(0));
        }

        AdapterStatus adapter = (await host.Client.GetAsync("net0")).Adapters[0];
        Assert.Equal(Vfs, adapter.Functions.Skip(1).Select(f => f.RoutingId).Distinct().Count());
        await host.Client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["numVfs"] = "0" }));
        Assert.Equal(["pf.sock"], Directory.GetFiles(Path.GetDirectoryName(host.Socket("pf.sock"))!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_socket_does_not_start_and_harms_nothing()
    {
        await using HostFixture host = await HostFixture.StartAsync(TwoVfs);
        Assert.Throws<LinuxException>(() => DaemonHost.Start(host.Settings, NullLoggerFactory.Instance));
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
        Assert.Equal(VirtioNet, client.ReadConfig32(0));
    }

    [Fact]
    public async Task Nothing_is_left_of_adapters_that_go()
    {
        const string Vanishing = "adapters: [{ name: vanishing, totalVfs: 16, numVfs: 2 }]";
        await using HostFixture host = await HostFixture.StartAsync(Vanishing);
        Assert.True(MemoryFilesOf("vanishing") > 0);
        for (int i = 0; i < 2; i++)
        {
            await host.Client.ApplyAsync(new ApplyRequest(Yaml: "adapters: []"));
            Assert.Equal(0, MemoryFilesOf("vanishing"));
            Assert.False(Directory.Exists(Path.Combine(host.Settings.RuntimeDirectory, "vanishing")));
            await host.Client.ApplyAsync(new ApplyRequest(Yaml: Vanishing));
        }
    }

    /// <summary>State pages that are open; their names begin with the function's.</summary>
    private static int MemoryFilesOf(string adapter) => Directory.GetFiles("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget?.Contains($"memfd:{adapter}/", StringComparison.Ordinal) == true);

    private static string OwnerOf(string path)
    {
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u", path]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }
}
