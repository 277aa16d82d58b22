using System.Diagnostics;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>The program as a process: what shells do to its standard streams.</summary>
public class ProcessTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "softiov");

    [Theory]
    [InlineData("{ $softiov set --help; echo end; } > $file; tail -n 1 $file", "end")]
    [InlineData("set -o pipefail; $softiov set --help | head -n 1 > /dev/null; echo $?", "0")]
    [InlineData("$softiov --help > /dev/full; echo $?", "1")]
    [InlineData("$softiov --help >&-; echo $?", "1")]
    [InlineData("$softiov nonsense 2>&-; echo $?", "2")]
    [InlineData("$softiov nonsense 2>/dev/full; echo $?", "2")]
    public async Task Standard_streams_may_be_shared_full_or_gone(string script, string expected)
    {
        using var file = new TemporaryFile();

        string output = await Shell.RunAsync("/usr/bin/env", $"softiov={Program}", $"file={file.Path}", "bash", "-c", script);

        Assert.Equal(expected, output.TrimEnd('\n'));
    }

    [Fact]
    public async Task A_terminal_without_colours_gets_no_escapes_at_all()
    {
        string output = await Shell.RunAsync("/usr/bin/env", "NO_COLOR=1", "TERM=xterm", "script", "-qec", $"{Program} --help", "/dev/null");

        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_ends_a_command_in_order(string signal)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Events.Publish(EventKind.Attached, "net0/1", "it runs");

        // Tests may have been started by a shell that ignores signals, which children inherit.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal", Program, "events", "--follow", "--socket", fixture.SocketPath])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Assert.Contains("it runs", await process.StandardOutput.ReadLineAsync());

        await Shell.RunAsync("/usr/bin/env", "kill", $"-{signal}", $"{process.Id}");
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(ExitCode.Ok, process.ExitCode);
    }
}
