using System.Xml.Linq;
using SoftIov.Cli;
using SoftIov.Tests.Daemon.Composition;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>attach --libvirt</c>: the VF is served in the one way that libvirt has a word for.</summary>
public sealed class AttachForLibvirtTests
{
    private const string Yaml = "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]";

    [Fact]
    public async Task It_prints_an_interface_for_the_socket_that_the_VF_has_from_then_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, "net0/1");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        XElement source = XDocument.Parse($"<all>{run.Out}</all>").Descendants("interface").Single().Element("source")!;
        Assert.Equal(("unix", "client"), (source.Attribute("type")!.Value, source.Attribute("mode")!.Value));
        Assert.True(File.Exists(source.Attribute("path")!.Value));
    }

    [Theory]
    [InlineData("net0", "--whole")]
    [InlineData("net0/1", "--as", "vfio-user")]
    [InlineData("net0/1", "--qmp", "/nonexistent")]
    public async Task What_it_does_not_go_with_is_refused_before_anything_is_changed(string target, params string[] others)
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, [target, "--owner", "65534", .. others]);
        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Contains("libvirt has no word for vfio-user", run.Error);
        Assert.Equal("root and the daemon's user", (await host.Client.DescribeAsync("net0/1")).Sections[0].Rows.First(r => r.Name == "lease").Value);
        Assert.Null((await host.Client.GetAsync("net0")).Adapters[0].WholeSocket);
    }

    private static Task<CommandRun> RunAsync(HostFixture host, params string[] arguments) =>
        CommandRun.OfAsync(["attach", "--libvirt", "--socket", host.Settings.SocketPath, .. arguments], terminal => terminal);
}
