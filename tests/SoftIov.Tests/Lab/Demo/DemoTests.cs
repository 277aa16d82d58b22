using System.Text.Json;
using System.Text.RegularExpressions;
using SoftIov.Lab.Demo;
using SoftIov.Lab.Guests;
using SoftIov.Tests.Cli;
using Xunit;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>The demo with built-in drivers: a real daemon, real sockets, guests in processes of their own.</summary>
public sealed partial class DemoTests
{
    private static readonly DemoPrograms Programs = new(AppContext.BaseDirectory);

    private static readonly DemoTimes Short =
        new(Stream: TimeSpan.FromSeconds(0.1), Settle: TimeSpan.FromSeconds(0.2), Idle: TimeSpan.FromSeconds(1));

    [Fact]
    public async Task Everything_holds_and_the_last_line_tells_so_to_programs()
    {
        CommandRun run = await CommandRun.OfAsync("demo", "--guests", "in-process", "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement summary = JsonDocument.Parse(Assert.Single(run.Out.TrimEnd('\n').Split('\n'))).RootElement;
        Assert.Equal(2, summary.GetProperty("vfsAttached").GetInt32());
        Assert.Equal(0, summary.GetProperty("pingLossPercent").GetDouble());
        Assert.True(summary.GetProperty("tcpMbitPerSecond").GetDouble() > 0);
        Assert.True(summary.GetProperty("vlanIsolated").GetBoolean());
        Assert.Equal(50, summary.GetProperty("spoofDropped").GetInt64());
        Assert.True(summary.GetProperty("hotPlugged").GetBoolean());
        Assert.True(summary.GetProperty("survivedKill").GetBoolean());
        Assert.InRange(summary.GetProperty("idleCpuPercent").GetDouble(), 0, 5);
        Assert.Equal(0, summary.GetProperty("failed").GetArrayLength());
        Assert.Contains("All held", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Error);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_the_others_go_on_and_the_logs_stay()
    {
        using var text = new StringWriter();
        var maker = new DeafGuestMaker(new InProcessGuestMaker(Programs) { Times = Short });

        int code = await DemoCommand.RunAsync(Options(text), Programs, maker, CancellationToken.None);

        Assert.Equal(1, code);
        string said = text.ToString();
        Assert.Contains("✗ ping", said, StringComparison.Ordinal);
        Assert.Contains("9 of 10 answered", said, StringComparison.Ordinal);
        Assert.Contains("✓ guest killed", said, StringComparison.Ordinal);
        Assert.Contains("Did not hold: ping.", said, StringComparison.Ordinal);
        string log = LogPath().Match(said).Groups[1].Value;
        Assert.Contains("net0/0", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(log)!, recursive: true);
    }

    [Fact]
    public async Task Without_the_daemon_it_says_what_to_do()
    {
        using var text = new StringWriter();
        var nowhere = new DemoPrograms("/nonexistent");

        int code = await DemoCommand.RunAsync(Options(text), nowhere, new InProcessGuestMaker(nowhere), CancellationToken.None);

        Assert.Equal(1, code);
        Assert.Contains("✗ daemon", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("softiovd is not in /nonexistent", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("fix: publish", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Logs:", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("adapter", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_it_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        string[] daemon = [];
        string process = "";
        using var text = new WatchedWriter(line =>
        {
            if (DaemonProcess().Match(line) is { Success: true } started)
            {
                process = $"/proc/{started.Groups[1].Value}";
                daemon = File.ReadAllText($"{process}/cmdline").Split('\0');
            }
            else if (line.Contains("guests booted", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DemoCommand.RunAsync(Options(text), Programs, new InProcessGuestMaker(Programs), cancel.Token));

        string folder = Path.GetDirectoryName(daemon[Array.IndexOf(daemon, "--socket") + 1])!;
        Assert.Contains("softiov-demo-", folder, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
        Assert.False(Directory.Exists(process));
        Assert.Contains("Interrupted", text.ToString(), StringComparison.Ordinal);
    }

    private static DemoOptions Options(StringWriter text) => new() { Output = text, Error = TextWriter.Null };

    [GeneratedRegex(@"Logs: (\S+softiovd\.log)")]
    private static partial Regex LogPath();

    [GeneratedRegex(@"daemon .* process (\d+)")]
    private static partial Regex DaemonProcess();
}
