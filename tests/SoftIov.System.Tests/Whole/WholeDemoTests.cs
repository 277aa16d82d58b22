using System.Text.Json;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary><c>softiov demo --whole</c> as its users run it.</summary>
[Collection(BedCollection.Name)]
public sealed class WholeDemoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_demo_holds_and_the_last_line_tells_so_to_programs()
    {
        CommandResult demo = await SoftIovCommand.RunAsync("/nowhere", "demo", "--whole", "--json");
        output.WriteLine(demo.Errors);
        output.WriteLine(demo.Output);
        Assert.Equal(0, demo.ExitCode);
        JsonElement summary = JsonDocument.Parse(demo.Output.TrimEnd('\n').Split('\n')[^1]).RootElement;
        Assert.Equal(16, summary.GetProperty("totalVfs").GetInt32());
        Assert.Equal(8, summary.GetProperty("vfsEnabled").GetInt32());
        Assert.True(summary.GetProperty("driversBound").GetBoolean());
        Assert.Equal(0, summary.GetProperty("pingLossPercent").GetDouble());
        Assert.True(summary.GetProperty("flrHarmless").GetBoolean());
        Assert.Contains("10000:00", demo.Errors, StringComparison.Ordinal);
    }
}
