using SoftIov.Cli;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>inject</c>: what was done, what is in force, and command lines that are wrong.</summary>
public class InjectCommandTests
{
    [Fact]
    public async Task A_fault_is_injected_listed_and_cleared()
    {
        await using var fixture = new ControlFixture();
        CommandRun done = await CommandRun.OfAsync(fixture, "inject", "net0/3", "lost-msi", "count=2");
        Assert.Equal((ExitCode.Ok, "net0/3: lost-msi count=2\n", ""), (done.ExitCode, done.Out, done.Error));
        CommandRun list = await CommandRun.OfAsync(fixture, "inject", "net0", "--list");
        Assert.Equal((ExitCode.Ok, "TARGET  FAULT     LEFT\nnet0/3  lost-msi  2\n"), (list.ExitCode, list.Out));
        await CommandRun.OfAsync(fixture, "inject", "net0", "clear");
        Assert.Equal("nothing is injected into net0\n", (await CommandRun.OfAsync(fixture, "inject", "net0")).Out);
    }

    [Fact]
    public async Task Json_has_both()
    {
        await using var fixture = new ControlFixture();
        CommandRun run = await CommandRun.OfAsync(fixture, "inject", "net0/3", "all-ones", "--json");
        Assert.Contains("\"done\": \"net0/3: all-ones\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"left\": \"until cleared\"", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inject", "net0/3", "lost-msi", "twice")]
    [InlineData("inject", "net0/3", "lost-msi", "count=1", "count=2")]
    [InlineData("inject", "net0/3", "lost-msi", "--list")]
    [InlineData("inject")]
    public async Task A_wrong_line_is_not_sent(params string[] line)
    {
        await using var fixture = new ControlFixture();
        CommandRun run = await CommandRun.OfAsync(fixture, line);
        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Equal("nothing is injected into net0\n", (await CommandRun.OfAsync(fixture, "inject", "net0")).Out);
    }

    [Fact]
    public async Task Faults_are_completed()
    {
        await using var fixture = new ControlFixture();
        Assert.Contains("duplicate-msi", await CommandRun.CompletionsAsync(fixture, "inject net0/3 "));
    }
}
