using System.Text.Json.Nodes;
using System.Xml.Linq;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Tests.Daemon.Composition;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>attach --libvirt</c>: one document for virsh, with what libvirt has words for; and arguments for QEMU where it has none.</summary>
public sealed class AttachForLibvirtTests
{
    private const string Yaml = "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]";
    private const string YamlOfWhole = "adapters: [{name: net0, totalVfs: 4}]";

    [Fact]
    public async Task It_prints_an_interface_for_the_socket_that_the_VF_has_from_then_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, "net0/1", "--owner", "65534");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        XDocument document = XDocument.Parse(run.Out);
        Assert.Equal("interface", document.Root!.Name.LocalName);
        XElement source = document.Root.Element("source")!;
        Assert.Equal(("unix", "client"), (source.Attribute("type")!.Value, source.Attribute("mode")!.Value));
        Assert.True(File.Exists(source.Attribute("path")!.Value));
    }

    [Fact]
    public async Task What_a_domain_has_once_is_a_comment_so_that_virsh_takes_the_rest_as_it_is()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        XDocument document = XDocument.Parse((await RunAsync(host, "net0/1")).Out);
        string comment = Assert.Single(document.Nodes().OfType<XComment>()).Value;
        int start = comment.IndexOf("<memoryBacking>", StringComparison.Ordinal);
        int end = comment.IndexOf("\nWhat follows", StringComparison.Ordinal);
        XElement memory = XElement.Parse(comment[start..end]);
        Assert.Equal("shared", memory.Element("access")!.Attribute("mode")!.Value);
    }

    [Theory]
    [InlineData("net0/1", "--as", "vfio-user")]
    [InlineData("net0/pf", "--as", "vfio-user")]
    [InlineData("net0", "--whole")]
    public async Task What_libvirt_has_no_word_for_are_arguments_that_it_hands_on(string target, params string[] others)
    {
        await using HostFixture host = await HostFixture.StartAsync(target == "net0" ? YamlOfWhole : Yaml);
        CommandRun run = await RunAsync(host, [target, "--owner", "65534", .. others]);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        XElement line = XDocument.Parse(run.Out).Root!;
        Assert.Equal("commandline", line.Name.LocalName);
        string[] arguments = [.. line.Elements(line.Name.Namespace + "arg").Select(one => one.Attribute("value")!.Value)];
        Assert.Equal(("-device", "-device"), (arguments[0], arguments[2]));
        JsonNode port = JsonNode.Parse(arguments[1])!;
        JsonNode device = JsonNode.Parse(arguments[3])!;
        Assert.Equal(("pcie-root-port", "vfio-user-pci"), ((string)port["driver"]!, (string)device["driver"]!));
        Assert.Equal((string)port["id"]!, (string)device["bus"]!);
        Assert.InRange((int)port["slot"]!, 1, 8191);
        Assert.True(File.Exists((string)device["socket"]!["path"]!));
    }

    [Fact]
    public void Functions_of_one_domain_have_ports_with_numbers_of_their_own()
    {
        string[] ids =
        [
            .. from adapter in Enumerable.Range(0, 8)
               from function in (string[])["", .. Enumerable.Range(0, adapter == 0 ? 256 : 0).Select(vf => $"-{vf}")]
               select $"softiov-net{adapter}{function}",
        ];
        string[] ports = [.. ids.Select(id => (string)XElement.Parse(LibvirtXml.Of(new AttachResult(id, "/x", id, []))).Elements().ElementAt(1)
            .Attribute("value")!)];
        int slots = ports.Select(port => (int)JsonNode.Parse(port)!["slot"]!).Distinct().Count();
        Assert.Equal(ids.Length, slots);
    }

    [Fact]
    public async Task Root_is_told_of_the_user_that_libvirt_runs_QEMU_as()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, "net0/1");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(Environment.IsPrivilegedProcess, run.Error.Contains("--owner", StringComparison.Ordinal));
        await RunAsync(host, "net0/1", "--owner", "65534");
        Assert.Equal("", (await RunAsync(host, "net0/1")).Error);
    }

    [Theory]
    [InlineData("disk0/0")]
    [InlineData("net0/pf")]
    public async Task What_has_no_rings_is_told_of_the_other_way(string target)
    {
        await using HostFixture host = await HostFixture.StartAsync(
            "adapters: [{name: net0, totalVfs: 4}, {name: disk0, personality: nvme, backing: {memory: 64MiB}, totalVfs: 2, numVfs: 1}]");
        CommandRun run = await RunAsync(host, target);
        Assert.Equal("", run.Out);
        Assert.Contains("--as vfio-user", run.Error);
        run = await RunAsync(host, target, "--as", "vfio-user", "--owner", "65534");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("vfio-user-pci", run.Out);
    }

    [Theory]
    [InlineData("net0/1", "--json")]
    [InlineData("net0/1", "--qmp", "/nonexistent")]
    public async Task What_it_does_not_go_with_is_refused_before_anything_is_changed(string target, params string[] others)
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, [target, "--owner", "65534", .. others]);
        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Contains("virsh attach-device", run.Error);
        Assert.Equal("root and the daemon's user", (await host.Client.DescribeAsync("net0/1")).Sections[0].Rows.First(r => r.Name == "lease").Value);
        Assert.Null((await host.Client.GetAsync("net0")).Adapters[0].WholeSocket);
    }

    private static Task<CommandRun> RunAsync(HostFixture host, params string[] arguments) =>
        CommandRun.OfAsync(["attach", "--libvirt", "--socket", host.Settings.SocketPath, .. arguments], terminal => terminal);
}
