using System.Text.Json;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Nvme;

/// <summary><c>softiov demo --nvme</c> as its users run it.</summary>
[Collection(BedCollection.Name)]
public sealed class DiskDemoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_demo_holds_and_the_last_line_tells_so_to_programs()
    {
        CommandResult demo = await SoftIovCommand.RunAsync("/nowhere", "demo", "--nvme", "--json");
        output.WriteLine(demo.Errors);
        output.WriteLine(demo.Output);
        Assert.Equal(0, demo.ExitCode);
        JsonElement summary = JsonDocument.Parse(demo.Output.TrimEnd('\n').Split('\n')[^1]).RootElement;
        Assert.Equal(2, summary.GetProperty("vfsAttached").GetInt32());
        Assert.True(summary.GetProperty("blocksWritten").GetInt32() > 512);
        Assert.Equal(0, summary.GetProperty("verifyErrors").GetInt32());
        Assert.True(summary.GetProperty("isolated").GetBoolean());
        Assert.True(summary.GetProperty("qosCeilingHeld").GetBoolean());
        Assert.InRange(summary.GetProperty("cappedMegabytesPerSecond").GetDouble(), 0.1, 11);
        Assert.Equal(10, summary.GetProperty("ceilingMegabytesPerSecond").GetInt32());
        Assert.True(summary.GetProperty("ok").GetBoolean());
        Assert.Equal(0, summary.GetProperty("failed").GetArrayLength());
    }
}
