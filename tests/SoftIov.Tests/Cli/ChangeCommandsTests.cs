using System.Text.Json;
using SoftIov.Cli;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>apply</c> and <c>set</c>: the steps, the errors with their places, and that nothing changes when anything is wrong.</summary>
public class ChangeCommandsTests
{
    private const string TwoVfs = """
        adapters:
          - name: net0
            totalVfs: 8
            numVfs: 2
        """;

    [Fact]
    public async Task Apply_does_the_steps_and_shows_them()
    {
        await using var fixture = new ControlFixture();
        using var file = new TemporaryFile(TwoVfs);

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", file.Path);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("TARGET  OUTCOME  STEP\n", run.Out);
        Assert.Contains("net0    done     enable 2 VFs\n", run.Out);
        Assert.Equal(2, fixture.Operations.Desired.Adapters[0].NumVfs);
    }

    [Fact]
    public async Task Apply_reads_standard_input()
    {
        await using var fixture = new ControlFixture();

        CommandRun run = await CommandRun.OfAsync(["apply", "-f", "-", "--socket", fixture.SocketPath], TwoVfs);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Single(fixture.Operations.Desired.Adapters);
    }

    [Fact]
    public async Task Applying_the_same_again_has_nothing_to_change()
    {
        await using var fixture = new ControlFixture();
        using var file = new TemporaryFile(TwoVfs);
        await CommandRun.OfAsync(fixture, "apply", "-f", file.Path);

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", file.Path);

        Assert.Equal((ExitCode.Ok, "nothing to change\n"), (run.ExitCode, run.Out));
    }

    [Fact]
    public async Task A_dry_run_shows_the_steps_and_does_none()
    {
        await using var fixture = new ControlFixture();
        using var file = new TemporaryFile(TwoVfs);

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", file.Path, "--dry-run");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("net0    planned  enable 2 VFs\n", run.Out);
        Assert.Empty(fixture.Operations.Desired.Adapters);
    }

    [Fact]
    public async Task The_steps_as_JSON_are_all_there_is_on_standard_output()
    {
        await using var fixture = new ControlFixture();
        using var file = new TemporaryFile(TwoVfs);

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", file.Path, "--json");

        JsonElement steps = JsonDocument.Parse(run.Out).RootElement.GetProperty("steps");
        Assert.Equal("done", steps[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Every_error_of_a_file_comes_with_place_and_fix()
    {
        await using var fixture = new ControlFixture();
        using var file = new TemporaryFile("""
            adapters:
              - name: net0
                numVsf: 2
                vfs:
                  0: {vlan: 5000}
            """);

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", file.Path);

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains($"{file.Path}:3:5: error: unknown key 'numVsf'\n  fix: did you mean numVfs?\n", run.Error);
        Assert.Contains($"{file.Path}:5:17: error: vlan 5000 is out of range\n  fix: 0 to 4094\n", run.Error);
        Assert.EndsWith("error: 2 errors in the configuration; nothing was changed\n", run.Error);
        Assert.Empty(fixture.Operations.Desired.Adapters);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error_of_one_line()
    {
        await using var fixture = new ControlFixture();

        CommandRun run = await CommandRun.OfAsync(fixture, "apply", "-f", "/nonexistent/net.yaml");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("/nonexistent/net.yaml", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_step_that_fails_shows_what_was_done_and_taken_back()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "set", "net0", "uplink=interface:missing", "numVfs=1");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("net0    failed   ", run.Error);
        Assert.Contains("net0    skipped  enable 1 VF", run.Error);
        Assert.Contains("everything is as it was", run.Error);
        Assert.Equal(2, fixture.Operations.Desired.Adapters[0].NumVfs);
    }

    [Fact]
    public async Task Set_changes_several_keys_of_a_VF_together()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "set", "net0/1", "vlan=100", "max_tx_rate=1000");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("net0/1  done     set vlan=100 max_tx_rate=1000\n", run.Out);
        Assert.Equal(100, fixture.Operations.Desired.Net().Vf(1).Vlan);
        Assert.Equal(1000, fixture.Operations.Desired.Net().Vf(1).MaxTxRateMegabits);
    }

    [Theory]
    [InlineData("vlna=1", "error: unknown key 'vlna'\n  fix: did you mean vlan?\n")]
    [InlineData("vlan=many", "error: 'many' is no value of vlan\n  fix: expected: 0 to 4094\n")]
    [InlineData("vlan=4095", "error: vlan 4095 is out of range\n  fix: 0 to 4094\n")]
    public async Task What_set_does_not_know_is_refused_with_a_fix(string pair, string expected)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "set", "net0/1", pair);

        Assert.Equal((ExitCode.Failed, "", expected), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task What_a_guest_would_lose_needs_force()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Attach("net0/1");

        CommandRun refused = await CommandRun.OfAsync(fixture, "set", "net0", "numVfs=1");
        CommandRun forced = await CommandRun.OfAsync(fixture, "set", "net0", "numVfs=1", "--force");

        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("error: a guest would lose its device: net0/1\n  fix: detach first, or use --force\n", refused.Error);
        Assert.Equal(ExitCode.Ok, forced.ExitCode);
    }

    [Theory]
    [InlineData("set", "net0", "vlan")]
    [InlineData("set", "net0", "=1")]
    [InlineData("set", "net0", "vlan=1", "vlan=2")]
    [InlineData("set", "net0")]
    [InlineData("set")]
    [InlineData("apply")]
    [InlineData("apply", "-f")]
    [InlineData("set", "a/b/c", "vlan=1")]
    public async Task A_wrong_command_line_is_exit_code_2_and_says_why_on_standard_error(params string[] args)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, args);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("\n  fix: ", run.Error);
    }
}
