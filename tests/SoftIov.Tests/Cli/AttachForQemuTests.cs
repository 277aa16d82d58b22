using SoftIov.Cli;
using SoftIov.Tests.Daemon.Composition;
using SoftIov.Tests.Linux;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>Arguments of <c>attach --as vhost-user</c> for QEMUs of several versions: no word for reconnecting is known to all of them.</summary>
public sealed class AttachForQemuTests
{
    private const string Yaml = "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]";
    private const string Old = ",reconnect=1 ";
    private const string New = ",reconnect-ms=1000 ";

    [Theory]
    [InlineData("7.2.22", Old)]
    [InlineData("9.1", Old)]
    [InlineData("9.2", New)]
    [InlineData("11.1.3", New)]
    public async Task The_version_that_is_asked_for_decides(string version, string word)
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        CommandRun run = await RunAsync(host, null, "--qemu", version);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains(word, run.Out);
    }

    [Theory]
    [InlineData("echo 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)'", Old)]
    [InlineData("echo 'QEMU emulator version 10.2.0'", New)]
    [InlineData("echo 'not a word'", New)]
    [InlineData("exit 127", New)]
    public async Task Otherwise_it_is_that_of_the_search_path(string script, string word)
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        string program = Path.Combine(host.Files, "qemu-system-x86_64");

        // Not written by this process: a child that another test forks meanwhile would have it open, and what is written to cannot be run.
        HostCommand.Run("sh", "-c", "echo \"$1\" >\"$2\"; chmod 700 \"$2\"", "sh", $"#!/bin/sh\n{script}", program);
        Assert.Contains(word, (await RunAsync(host, $"/nonexistent:{host.Files}")).Out);

        // As it is served now, by vhost-user.
        string again = (await CommandRun.OfAsync(
            ["attach", "net0/1", "--socket", host.Settings.SocketPath], terminal => terminal with { SearchPath = host.Files })).Out;
        Assert.Contains(word, again);
    }

    [Fact]
    public async Task Without_any_it_is_the_newest()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        Assert.Contains(New, (await RunAsync(host, "/nonexistent")).Out);
        CommandRun run = await RunAsync(host, null, "--qemu", "new");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--qemu takes a version such as 10.2, and 'new' is none", run.Error);
    }

    private static Task<CommandRun> RunAsync(HostFixture host, string? searchPath, params string[] options) => CommandRun.OfAsync(
        ["attach", "net0/1", "--as", "vhost-user", "--socket", host.Settings.SocketPath, .. options],
        terminal => terminal with { SearchPath = searchPath });
}
