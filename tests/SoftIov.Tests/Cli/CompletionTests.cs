using SoftIov.Cli;
using SoftIov.Cli.Completion;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>What a shell is offered.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("get net", "net0 net0/pf net0/0 net0/1")]
    [InlineData("set net", "net0 net0/0 net0/1")]
    [InlineData("attach net", "net0 net0/pf net0/0 net0/1")]
    [InlineData("capture net", "net0/pf net0/0 net0/1")]
    [InlineData("set net0/1 vl", "vlan=")]
    [InlineData("set net0 num", "numVfs=")]
    [InlineData("set net0/1 state=", "state=auto state=disable state=enable")]
    [InlineData("set net0/1 trust=o", "trust=off trust=on")]
    [InlineData("set net0/1 vlan=1 sta", "state=")]
    [InlineData("set net0 state=", "")]
    [InlineData("completion b", "bash")]
    [InlineData("lspci --view f", "fabric")]
    [InlineData("shut", "shutdown")]
    public async Task The_words_that_fit_are_offered(string line, string expected)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        string[] offered = await CommandRun.CompletionsAsync(fixture, line);

        string word = line[(line.LastIndexOf(' ') + 1)..];
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            offered.Where(o => o.StartsWith(word, StringComparison.Ordinal)).Order());
    }

    [Theory]
    [InlineData("set disk0/1 ", "bandwidth= interrupts= iops= owner=")]
    [InlineData("set disk0/1 interrupts=m", "interrupts=msi interrupts=msix")]
    [InlineData("set disk0 vf", "vfMode= vfNamespaces=")]
    [InlineData("namespace de", "delete detach")]
    [InlineData("namespace list d", "disk0")]
    [InlineData("namespace delete d", "disk0")]
    [InlineData("ns attach disk0 ", "1 2")]
    [InlineData("capture d", "")]
    public async Task The_words_that_fit_a_disk_are_offered(string line, string expected)
    {
        await using ControlFixture fixture = FixtureSteps.WithDisk();

        string[] offered = await CommandRun.CompletionsAsync(fixture, line);

        string word = line[(line.LastIndexOf(' ') + 1)..];
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            offered.Where(o => o.StartsWith(word, StringComparison.Ordinal) && o[0] != '-').Order());
    }

    [Fact]
    public async Task A_second_target_is_not_offered()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        string[] offered = await CommandRun.CompletionsAsync(fixture, "get net0 ");

        Assert.DoesNotContain("net0", offered);
        Assert.Contains("--json", offered);
    }

    [Fact]
    public async Task Without_daemon_commands_and_options_are_still_offered()
    {
        CommandRun run = await CommandRun.OfAsync("[suggest:52]", "get --socket /nonexistent/control.sock --j          ");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("--watch", run.Out);
    }

    [Theory]
    [InlineData("softiov set net0/1 ", "vlan=")]
    [InlineData("softiov set net0/1 state=", "auto")]
    [InlineData("  softiov set net0/1 state=en", "enable")]
    [InlineData("softiov get net0/", "net0/pf")]
    public async Task Bash_gets_what_stands_after_the_last_break(string line, string expected)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        string program = Path.Combine(AppContext.BaseDirectory, "softiov");
        string script = CompletionScripts.Of("bash").Replace("\"$1\" \"[suggest", $"'{program}' \"[suggest", StringComparison.Ordinal);
        string call = $"{script}\nCOMP_LINE='{line}' COMP_POINT={line.Length}\n_softiov softiov\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"";

        string reply = await Shell.RunAsync("/usr/bin/env", $"SOFTIOV_SOCKET={fixture.SocketPath}", "bash", "-c", call);

        Assert.Contains(expected, reply.Split('\n'));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _softiov softiov")]
    [InlineData("zsh", "compdef _softiov softiov")]
    [InlineData("fish", "complete -c softiov")]
    public async Task Every_shell_has_a_script(string shell, string expected)
    {
        CommandRun run = await CommandRun.OfAsync("completion", shell);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Out);
    }

    [Fact]
    public async Task A_shell_there_is_no_script_for_is_refused()
    {
        CommandRun run = await CommandRun.OfAsync("completion", "tcsh");

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
    }
}
