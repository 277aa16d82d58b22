using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Hosting;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>Leases as they are kept, and what they say where a file says nothing.</summary>
public sealed class LeasesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("softiov-leases-");

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_second_attach_changes_what_it_names_and_leaves_the_rest()
    {
        var leases = new Leases(_directory.FullName);
        TargetName vf = TargetName.Parse("net0/1");
        leases.Give(vf, 1000, null);
        leases.Give(vf, null, "vhost-user");
        Assert.Equal([new Lease("net0/1", 1000, "vhost-user")], new Leases(_directory.FullName).All);
        leases.Give(vf, 1001, null);
        Assert.Equal([new Lease("net0/1", 1001, "vhost-user")], new Leases(_directory.FullName).All);
        leases.End(vf);
        leases.End(vf);
        Assert.Empty(new Leases(_directory.FullName).All);
    }

    [Theory]
    [InlineData("net0/1", "numVfs: 2", "numVfs: 2, vfs: {1: {transport: vhost-user}}")]
    [InlineData("net0/1", "numVfs: 2, vfs: {1: {vlan: 7}}", "numVfs: 2, vfs: {1: {vlan: 7, transport: vhost-user}}")]
    [InlineData("net0/1", "numVfs: 2, vfs: {1: {transport: 'vhost-user:/run/x'}}", null)]
    [InlineData("net0/1", "numVfs: 1", null)]
    [InlineData("net0/1", "whole: true", null)]
    [InlineData("net0", "totalVfs: 4", "totalVfs: 4, whole: true")]
    [InlineData("net0", "numVfs: 2", null)]
    [InlineData("net0", "vfs: {1: {interrupts: intx}}", null)] // the two exclude each other
    [InlineData("net9", "totalVfs: 4", null)]
    public void A_file_that_does_not_speak_of_it_does_not_end_a_lease(string target, string file, string? both)
    {
        var leases = new Leases(_directory.FullName);
        leases.Give(TargetName.Parse(target), null, target.Contains('/') ? "vhost-user" : null);
        AdapterSpec had = Assert.Single(leases.Over(Read(file)).Adapters);
        Assert.Equal(Text(Read(both ?? file).Adapters[0]), Text(had));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"target":"net0/x"}]""")]
    [InlineData("""[{"target":"net0","color":1}]""")]
    [InlineData("""[{"target":"net0","owner":-1}]""")]
    public void A_damaged_file_is_told_with_a_way_out(string content)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "leases.json"), content);
        var error = Assert.Throws<ControlException>(() => new Leases(_directory.FullName));
        Assert.Contains("leases.json is damaged", error.Message, StringComparison.Ordinal);
        Assert.Contains("attach again", error.Details.Errors!.Single().Fix, StringComparison.Ordinal);
    }

    private static DesiredState Read(string keys) => ConfigurationReader.Read($"adapters: [{{name: net0, {keys}}}]", "x.yaml");

    private static string Text(AdapterSpec adapter) =>
        System.Text.Json.JsonSerializer.Serialize(new DesiredState([adapter]), ControlJson.Default.DesiredState);
}
