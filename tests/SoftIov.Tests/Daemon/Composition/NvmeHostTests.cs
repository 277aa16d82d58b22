using SoftIov.Api;
using SoftIov.Lab.VfioUser;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>Nvme adapters of a whole daemon: what is made of a configuration, what is kept over restarts, what the operator sees.</summary>
public sealed class NvmeHostTests
{
    private const string Memory = "adapters: [{name: disk0, personality: nvme, backing: 'memory:64MiB', totalVfs: 4, numVfs: 2}]";
    private const uint ClassCode = 0x010802;
    private const int CapabilitiesRegister = 0;

    [Fact]
    public async Task Every_function_is_an_NVMe_controller_at_a_socket_of_its_own()
    {
        await using HostFixture host = await HostFixture.StartAsync(Memory);
        foreach (string file in (string[])["pf.sock", "vf0.sock", "vf1.sock"])
        {
            using VfioUserClient client = VfioUserClient.Connect(host.Socket(file, "disk0"));
            Assert.Equal(ClassCode, client.ReadConfig32(8) >> 8);
            Assert.NotEqual(0UL, client.ReadRegion64(0, CapabilitiesRegister, sizeof(ulong)));
        }
    }

    [Fact]
    public async Task Without_a_word_each_VF_has_a_private_namespace_of_its_own()
    {
        await using HostFixture host = await HostFixture.StartAsync(Memory);

        NvmeAdapterStatus disk = await DiskAsync(host);

        Assert.Equal(
            ["1 16777216 512 disk0/0", "2 16777216 512 disk0/1", "3 16777216 512 disk0/2", "4 16777216 512 disk0/3"],
            disk.Namespaces.Select(n => $"{n.Id} {n.Size} {n.BlockSize} {string.Join(',', n.AttachedTo)}"));
        Assert.All(disk.Namespaces, n => Assert.Equal(NamespaceOrigin.Configuration, n.Origin));
        Assert.Equal((64L << 20, 0L, "memory:64MiB"), (disk.Capacity, disk.Unallocated, disk.Backing));
        Assert.Equal(
            ["disk0/pf 1 True  disabled", "disk0/0 2 True 1 disabled", "disk0/1 3 True 2 disabled"],
            disk.Functions.Cast<NvmeFunctionStatus>().Select(
                f => $"{f.Target} {f.ControllerId} {f.Online} {string.Join(',', f.Namespaces)} {f.Driver}"));
    }

    [Fact]
    public async Task Controllers_that_are_managed_wait_offline()
    {
        await using HostFixture host = await HostFixture.StartAsync(
            "adapters: [{name: disk0, personality: nvme, vfMode: managed, backing: 'memory:64MiB', numVfs: 1}]");

        NvmeAdapterStatus disk = await DiskAsync(host);

        Assert.Equal(["disabled", "offline"], disk.Functions.Select(f => f.Driver));
        Assert.Equal(NvmeVfMode.Managed, disk.VfMode);
    }

    [Fact]
    public async Task Namespaces_of_a_file_are_the_same_after_a_restart_and_under_another_name()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Named(files, "disk0"));
        NvmeAdapterStatus before = await DiskAsync(host);

        await host.RestartAsync();
        NvmeAdapterStatus after = await DiskAsync(host);
        await host.ApplyAsync(Named(host.Files, "other"));
        NvmeAdapterStatus renamed = await DiskAsync(host, "other");

        Assert.Equal([1, 7], before.Namespaces.Select(n => n.Id));
        Assert.Equal(before.Namespaces.Select(n => n.Uuid), after.Namespaces.Select(n => n.Uuid));
        Assert.Equal(before.Namespaces.Select(n => n.Uuid), renamed.Namespaces.Select(n => n.Uuid));
        Assert.Equal(["other/0", "other/1", "other/pf"], renamed.Namespaces[1].AttachedTo.Order());
        string records = Assert.Single(Directory.GetFiles(Path.Combine(host.Settings.StateDirectory, "namespaces")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(records));
        Assert.Contains($"{host.Files}/disk.img", await File.ReadAllTextAsync(records));
    }

    [Fact]
    public async Task Damaged_records_keep_the_adapter_away_and_are_not_touched()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Named(files, "disk0"));
        string records = Assert.Single(Directory.GetFiles(Path.Combine(host.Settings.StateDirectory, "namespaces")));
        await host.StopAsync();
        await File.WriteAllTextAsync(records, "{\"backing\":\"/x\"}");

        await host.StartAgainAsync();

        AdapterStatus disk = (await host.Client.GetAsync()).Adapters.Single();
        Assert.Contains("is damaged", disk.Problem);
        Assert.Equal("{\"backing\":\"/x\"}", await File.ReadAllTextAsync(records));
    }

    [Fact]
    public async Task Namespaces_and_who_has_them_change_under_running_guests()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Named(files, "disk0"));
        using VfioUserClient guest = VfioUserClient.Connect(host.Socket("vf0.sock", "disk0"));

        await host.ApplyAsync(Named(host.Files, "disk0", "{id: 1, size: 1MiB}, {id: 7, size: 2MiB, shared: true, pf: true}, {id: 3, size: 4MiB}"));
        NvmeAdapterStatus disk = await DiskAsync(host);
        string less = Named(host.Files, "disk0", "{id: 3, size: 4MiB}");
        ControlException refused = await Assert.ThrowsAsync<ControlException>(() => host.ApplyAsync(less));
        await host.ApplyAsync(less, force: true);

        Assert.Equal(["1 ", "3 ", "7 disk0/pf"], disk.Namespaces.Select(n => $"{n.Id} {string.Join(',', n.AttachedTo)}"));
        Assert.Equal("data would be lost: namespace 1 of disk0, namespace 7 of disk0", refused.Message);
        Assert.Equal([3], (await DiskAsync(host)).Namespaces.Select(n => n.Id));
        Assert.NotNull((await DiskAsync(host)).Functions[1].Attachment);
        IReadOnlyList<DaemonEvent> events = (await host.Client.GetEventsAsync(new EventsRequest("disk0", 100))).Events;
        Assert.Contains(events, e => e.Kind == EventKind.NamespaceChanged && e.Message == "namespace 7 was detached from VF 1");
        Assert.Contains(events, e => e.Kind == EventKind.NamespaceChanged && e.Message == "namespace 1 was deleted");
    }

    [Fact]
    public async Task What_does_not_fit_changes_nothing()
    {
        static string OfFile(string files, string namespaces)
        {
            using (FileStream file = File.OpenWrite($"{files}/disk.img"))
                file.SetLength(16 << 20);
            return $"adapters: [{{name: disk0, personality: nvme, backing: 'file:{files}/disk.img', namespaces: [{namespaces}]}}]";
        }

        await using HostFixture host = await HostFixture.StartAsync(files => OfFile(files, "{id: 1, size: 3MiB}"));

        ControlException error = await Assert.ThrowsAsync<ControlException>(() => host.ApplyAsync(
            OfFile(host.Files, "{id: 1, size: 3MiB, vfs: [0]}, {id: 3, size: 14MiB}")));

        Assert.Contains("namespace 3 does not fit: 13MiB of 16MiB are free; delete another one, or", error.Message);
        Assert.Contains("everything is as it was", error.Message);
        Assert.Empty(Assert.Single((await DiskAsync(host)).Namespaces).AttachedTo);
    }

    [Fact]
    public async Task Another_size_than_the_records_say_is_no_reason_to_lose_data()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Named(files, "disk0"));
        await host.ApplyAsync("adapters: []");

        ControlException error = await Assert.ThrowsAsync<ControlException>(() => host.ApplyAsync(Named(host.Files, "disk0", "{id: 1, size: 2MiB}")));

        Assert.Contains("namespace 1 is there with 1MiB in blocks of 512, and other is wanted", error.Message);
    }

    [Fact]
    public async Task Shares_that_have_no_room_are_left_out_and_said()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Shares(files, 2));
        await host.ApplyAsync(Shares(host.Files, 4));

        Assert.Equal([1, 2], (await DiskAsync(host)).Namespaces.Select(n => n.Id));
        Assert.Contains(
            (await host.Client.GetEventsAsync(new EventsRequest("disk0", 100))).Events,
            e => e.Kind == EventKind.Warned && e.Message == "there is no room for namespace 4, the share of VF 3");
    }

    [Fact]
    public async Task An_adapter_that_cannot_open_its_backing_is_a_problem_of_its_own()
    {
        await using HostFixture host = await HostFixture.StartAsync(files => Named(files, "disk0"));

        ControlException missing = await Assert.ThrowsAsync<ControlException>(() => host.ApplyAsync(
            "adapters: [{name: disk1, personality: nvme, vfNamespaces: none, backing: file:/does/not/exist}]"));

        Assert.Contains("/does/not/exist", missing.Message);
        Assert.Equal(["disk0"], (await host.Client.GetAsync()).Adapters.Select(a => a.Name));
    }

    [Fact]
    public async Task Ceilings_are_set_and_shown()
    {
        await using HostFixture host = await HostFixture.StartAsync(Memory);
        await host.Client.SetAsync(new SetRequest("disk0/1", new Dictionary<string, string> { ["iops"] = "100", ["bandwidth"] = "7" }));

        var function = (NvmeFunctionStatus)(await host.Client.GetAsync("disk0/1")).Adapters[0].Functions[0];
        DescribeResult described = await host.Client.DescribeAsync("disk0/1");

        Assert.Equal(new NvmeVfSpec(100, 7), function.Policy);
        Assert.Contains(new DescribeRow("iops", "100"), described.Sections.Single(s => s.Title == "policy").Rows);
        Assert.Contains(new DescribeRow("controller id", "3"), described.Sections[0].Rows);
    }

    [Theory]
    [InlineData("msix", true)]
    [InlineData("msi", false)]
    [InlineData("intx", false)]
    public async Task A_VF_without_MSIX_can_be_unplugged(string interrupts, bool isRefused)
    {
        await using HostFixture host = await HostFixture.StartAsync(
            Memory.Replace("numVfs: 2", $"numVfs: 1, vfs: {{0: {{interrupts: {interrupts}}}}}"));
        using VfioUserClient guest = VfioUserClient.Connect(host.Socket("vf0.sock", "disk0"));
        AttachResult attach = await host.Client.AttachAsync(new AttachRequest("disk0/pf"));

        Task<DetachResult> Detach() => host.Client.DetachAsync(new DetachRequest("disk0/0"));
        ControlException error = await Assert.ThrowsAsync<ControlException>(Detach);

        Assert.Equal(isRefused, error.Message.Contains("MSI-X"));
        Assert.Equal(host.Socket("pf.sock", "disk0"), attach.Socket);
    }

    [Fact]
    public async Task An_nvme_adapter_has_no_frames_and_no_network_links()
    {
        await using HostFixture host = await HostFixture.StartAsync(Memory);

        ControlException link = await Assert.ThrowsAsync<ControlException>(() => host.Client.InjectAsync(new InjectRequest("disk0/0", "link-down")));
        InjectResult late = await host.Client.InjectAsync(new InjectRequest("disk0/0", "all-ones"));

        Assert.Contains("has no network link", link.Message);
        Assert.Equal("all-ones", Assert.Single(late.InForce).Fault);
    }

    [Fact]
    public async Task A_whole_adapter_goes_to_one_VM()
    {
        await using HostFixture host = await HostFixture.StartAsync(Memory.Replace("numVfs: 2", "whole: true"));

        Assert.Equal(host.Socket("whole.sock", "disk0"), (await DiskAsync(host)).WholeSocket);
        Assert.Equal(4, (await DiskAsync(host)).Namespaces.Count);
    }

    private static string Named(
        string files, string name, string namespaces = "{id: 1, size: 1MiB, vfs: [0]}, {id: 7, size: 2MiB, shared: true, vfs: [0, 1], pf: true}") =>
        $"adapters: [{{name: {name}, personality: nvme, totalVfs: 2, numVfs: 1, backing: '{Backing(files)}', namespaces: [{namespaces}]}}]";

    private static string Shares(string files, int vfs) =>
        $"adapters: [{{name: disk0, personality: nvme, totalVfs: {vfs}, backing: '{Backing(files)}'}}]";

    private static string Backing(string files) => $"file:{files}/disk.img:16MiB";

    private static async Task<NvmeAdapterStatus> DiskAsync(HostFixture host, string name = "disk0") =>
        (NvmeAdapterStatus)(await host.Client.GetAsync(name)).Adapters.Single();
}
