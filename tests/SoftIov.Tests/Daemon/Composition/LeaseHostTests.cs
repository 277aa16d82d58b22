using SoftIov.Api;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>What attach gave, when the daemon starts again: with what it saved, or with a file that knows nothing of it.</summary>
public sealed class LeaseHostTests
{
    private const string Yaml = "adapters: [{ name: net0, totalVfs: 4, numVfs: 2 }, { name: net1, totalVfs: 4 }]";
    private const string Nobody = "user 65534";
    private const string Policy = "root and the daemon's user";

    [Theory]
    [InlineData(null)]
    [InlineData(Yaml)]
    public async Task A_daemon_that_starts_again_serves_what_was_attached_to_the_same_users_in_the_same_way(string? configuration)
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        AttachResult attached = await host.Client.AttachAsync(new AttachRequest("net0/1", Owner: "65534", By: "vhost-user"));
        await host.Client.AttachAsync(new AttachRequest("net0/pf", Owner: "65534"));
        AttachResult whole = await host.Client.AttachAsync(new AttachRequest("net1", Owner: "65534", Whole: true));

        await host.RestartAsync(configuration);
        foreach (string target in (string[])["net0/1", "net0/pf", "net1"])
            Assert.Equal(Nobody, await host.LeaseAsync(target));
        Assert.Equal(Policy, await host.LeaseAsync("net0/0"));
        Assert.True(File.Exists(attached.Socket));
        Assert.True(File.Exists(whole.Socket));

        await host.RestartAsync(configuration);
        Assert.Equal(Nobody, await host.LeaseAsync("net0/1"));
    }

    [Fact]
    public async Task What_was_detached_is_as_the_file_says()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        foreach (string target in (string[])["net0/1", "net0/pf"])
        {
            await host.Client.AttachAsync(new AttachRequest(target, Owner: "65534", By: target == "net0/1" ? "vhost-user" : null));
            await host.Client.DetachAsync(new DetachRequest(target));
        }

        await host.Client.AttachAsync(new AttachRequest("net1", Owner: "65534", Whole: true));
        await host.Client.DetachAsync(new DetachRequest("net1"));
        await host.RestartAsync(Yaml);
        foreach (string target in (string[])["net0/1", "net0/pf", "net1/pf"])
            Assert.Equal(Policy, await host.LeaseAsync(target));
        Assert.True(File.Exists(host.Socket("vf1.sock")));
    }

    [Fact]
    public async Task A_lease_outlives_an_adapter_that_is_made_anew()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        await host.Client.AttachAsync(new AttachRequest("net0/1", Owner: "65534"));
        await host.ApplyAsync(Yaml.Replace("numVfs: 2", "numVfs: 2, mtu: 9000"));
        Assert.Equal(Nobody, await host.LeaseAsync("net0/1"));
    }

    [Fact]
    public async Task A_lease_ends_with_the_adapter_or_with_a_transport_chosen_anew()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        await host.Client.AttachAsync(new AttachRequest("net0/0", Owner: "65534"));
        await host.Client.AttachAsync(new AttachRequest("net0/1", Owner: "65534", By: "vhost-user"));
        await host.Client.SetAsync(new SetRequest("net0/1", new Dictionary<string, string> { ["transport"] = "vfio-user" }));
        await host.RestartAsync(Yaml);
        Assert.True(File.Exists(host.Socket("vf1.sock")));
        Assert.Equal(Nobody, await host.LeaseAsync("net0/1"));

        await host.ApplyAsync("adapters: []");
        await host.ApplyAsync(Yaml);
        Assert.Equal(Policy, await host.LeaseAsync("net0/0"));
    }
}
