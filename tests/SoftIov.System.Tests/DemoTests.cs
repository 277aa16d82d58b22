using System.Diagnostics;
using System.Text.Json;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests;

/// <summary>The demo as its users run it, whole: the command in the root folder, real virtual machines.</summary>
[Collection(BedCollection.Name)]
public sealed class DemoTests(BedFixture fixture, ITestOutputHelper output)
{
    // It may have to be built first, and guests are emulated.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    [Fact]
    public async Task The_demo_holds_and_the_last_line_tells_so_to_programs()
    {
        Assert.NotNull(fixture.Bed);
        var start = new ProcessStartInfo(Path.Combine(Root(), "softiov"), ["demo", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process demo = await ChildProcess.StartAsync(start);
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

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SoftIov.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Not below a folder with SoftIov.slnx.");
    }
}
