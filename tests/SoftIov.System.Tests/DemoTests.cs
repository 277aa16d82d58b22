using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests;

/// <summary>The demo as its users run it: the command in the root folder, real virtual machines.</summary>
[Collection(BedCollection.Name)]
public sealed partial class DemoTests(BedFixture fixture, ITestOutputHelper output)
{
    // It may have to be built first, and guests are emulated.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_demo_holds_and_the_last_line_tells_so_to_programs()
    {
        using Process demo = await StartAsync();
        Task<string> progress = demo.StandardError.ReadToEndAsync();
        string printed = await demo.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await demo.WaitForExitAsync();
        output.WriteLine(await progress);
        output.WriteLine(printed);

        Assert.Equal(0, demo.ExitCode);
        JsonElement summary = JsonDocument.Parse(printed.TrimEnd('\n').Split('\n')[^1]).RootElement;
        Assert.Equal("qemu", summary.GetProperty("guests").GetString());
        Assert.Equal(2, summary.GetProperty("vfsAttached").GetInt32());
        Assert.Equal(0, summary.GetProperty("pingLossPercent").GetDouble());
        Assert.True(summary.GetProperty("tcpMbitPerSecond").GetDouble() > 0);
        Assert.True(summary.GetProperty("vlanIsolated").GetBoolean());
        Assert.True(summary.GetProperty("spoofDropped").GetInt64() > 0);
        Assert.True(summary.GetProperty("hotPlugged").GetBoolean());
        Assert.True(summary.GetProperty("survivedKill").GetBoolean());
        Assert.InRange(summary.GetProperty("idleCpuPercent").GetDouble(), 0, 5);
    }

    [Fact]
    public async Task An_interrupt_ends_the_daemon_and_the_machines()
    {
        using Process demo = await StartAsync();
        Task<string> printed = demo.StandardOutput.ReadToEndAsync();
        var processes = new List<string>();
        while (await demo.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            output.WriteLine(line);
            processes.AddRange(ProcessId().Matches(line).Select(match => $"/proc/{match.Groups[1].Value}"));
            if (line.Contains("lspci in the guests", StringComparison.Ordinal))
                break;
        }

        Assert.Equal(3, processes.Count);
        Assert.All(processes, process => Assert.True(Directory.Exists(process)));
        using Process kill = Process.Start("kill", ["-INT", demo.Id.ToString(CultureInfo.InvariantCulture)]);
        output.WriteLine(await demo.StandardError.ReadToEndAsync().WaitAsync(EndPatience));
        await demo.WaitForExitAsync().WaitAsync(EndPatience);

        Assert.Equal(130, demo.ExitCode);
        Assert.All(processes, process => Assert.False(Directory.Exists(process)));
        Assert.Empty(await printed);
    }

    private async Task<Process> StartAsync()
    {
        Assert.NotNull(fixture.Bed);
        return await ChildProcess.StartAsync(new ProcessStartInfo(SoftIovCommand.Path, ["demo", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
    }

    [GeneratedRegex(@"process (\d+)")]
    private static partial Regex ProcessId();
}
