using System.Text.Json;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Cli.Output;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>get</c>, <c>describe</c>, <c>status</c>, <c>version</c>, <c>shutdown</c>.</summary>
public class StateCommandsTests
{
    [Fact]
    public async Task Get_in_a_pipe_is_plain_aligned_and_whole()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await CommandRun.OfAsync(fixture, "set", "net0/1", "vlan=100", "trust=on", "max_tx_rate=1000");
        fixture.Attach("net0/0");

        CommandRun run = await CommandRun.OfAsync(fixture, "get");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal("""
            ADAPTER  KIND  VFS  MTU   QUEUES  UPLINK  WHOLE  STATE
            net0     net   2/8  1500  2       -       -      ok

            FUNCTION  RID      MAC                LINK  DRIVER  ATTACHED              POLICY
            net0/pf   01:00.0  02:00:00:00:00:00  up    none    -                     -
            net0/0    01:00.1  02:00:00:00:00:01  up    none    qemu-system-x86:4711  -
            net0/1    01:00.2  02:00:00:00:00:02  up    none    -                     vlan=100,trust=on,max_tx_rate=1000

            """, run.Out);
    }

    [Fact]
    public void An_adapter_that_is_served_whole_shows_who_has_it()
    {
        NetAdapterStatus free = new()
        {
            Name = "net0",
            TotalVfs = 8,
            NumVfs = 0,
            Mtu = 1500,
            QueuePairs = 2,
            Uplink = new UplinkStatus(UplinkKind.Tap, LinkUp: false, "tap0"),
            WholeSocket = "/run/softiov/net0/whole.sock",
            Problem = "the tap is gone",
            Functions = [],
        };
        var taken = free with { Whole = new AttachmentStatus("vfio-user", 12, 0, DateTimeOffset.UnixEpoch, 0, "qemu") };

        string text = PlainText.Of(StateTables.Of(new GetResult([free, taken]), null));

        Assert.Equal("""
            ADAPTER  KIND  VFS  MTU   QUEUES  UPLINK          WHOLE    STATE
            net0     net   0/8  1500  2       tap:tap0(down)  free     the tap is gone
            net0     net   0/8  1500  2       tap:tap0(down)  qemu:12  the tap is gone

            """, text);
    }

    [Fact]
    public async Task Get_of_a_function_shows_only_that()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "get", "net0/1");

        Assert.Equal(2, run.Out.TrimEnd().Split('\n').Length);
        Assert.Contains("\nnet0/1    ", run.Out);
    }

    [Fact]
    public async Task Get_as_JSON_is_what_the_daemon_said()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using ControlClient client = await fixture.ConnectAsync();
        GetResult said = await client.GetAsync();

        CommandRun run = await CommandRun.OfAsync(fixture, "get", "--json");

        Assert.Equal(
            JsonSerializer.Serialize(said, ControlJson.Default.GetResult),
            JsonSerializer.Serialize(JsonDocument.Parse(run.Out).RootElement));
    }

    [Fact]
    public async Task A_person_sees_colours_and_a_whole_table_however_narrow_the_terminal()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(
            ["get", "--socket", fixture.SocketPath], terminal => terminal with { IsInteractive = true, HasColor = true });

        Assert.Contains("\u001b[32mok", run.Out);
        Assert.Contains("net0/1", run.Out);
        Assert.Contains("02:00:00:00:00:02", run.Out);
    }

    [Fact]
    public async Task Without_colours_a_terminal_gets_no_escapes()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(
            ["get", "--socket", fixture.SocketPath], terminal => terminal with { IsInteractive = true, HasColor = false });

        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Without_adapters_get_says_how_to_make_some_and_prints_nothing()
    {
        await using var fixture = new ControlFixture();

        CommandRun run = await CommandRun.OfAsync(fixture, "get");

        Assert.Equal((ExitCode.Ok, "", "no adapters yet: softiov apply -f FILE makes them\n"), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task A_target_that_is_not_there_is_told_with_the_one_that_was_meant()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "get", "net1");

        Assert.Equal((ExitCode.Failed, "", "error: there is no adapter 'net1'\n  fix: did you mean net0?\n"), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task Watching_shows_what_changes_and_ends_well_when_interrupted()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        using var interrupt = new CancellationTokenSource();
        var output = new SignallingWriter();
        Task<CommandRun> running = CommandRun.OfAsync(
            ["get", "net0/1", "-w", "--socket", fixture.SocketPath], terminal => terminal with { Out = output }, interrupt.Token);
        await output.WaitForAsync("net0/1");

        await CommandRun.OfAsync(fixture, "set", "net0/1", "vlan=7");
        await output.WaitForAsync("vlan=7");
        await interrupt.CancelAsync();

        Assert.Equal(ExitCode.Ok, (await running).ExitCode);
        Assert.Equal(2, output.ToString().Split("FUNCTION").Length - 1);
    }

    [Fact]
    public async Task Watching_as_JSON_is_a_line_for_every_change()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        using var interrupt = new CancellationTokenSource();
        var output = new SignallingWriter();
        Task<CommandRun> running = CommandRun.OfAsync(
            ["get", "-w", "--json", "--socket", fixture.SocketPath], terminal => terminal with { Out = output }, interrupt.Token);
        await output.WaitForAsync("\n");

        await CommandRun.OfAsync(fixture, "set", "net0/1", "vlan=7");
        await output.WaitForAsync("\"vlan\":7");
        await interrupt.CancelAsync();
        await running;

        string[] lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Single(JsonDocument.Parse(line).RootElement.GetProperty("adapters").EnumerateArray()));
    }

    [Fact]
    public async Task Describe_prints_sections_of_aligned_rows()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "describe", "net0/1");
        CommandRun json = await CommandRun.OfAsync(fixture, "describe", "net0/1", "--json");

        Assert.Equal("net0/1\n  what  a model\n", run.Out);
        Assert.Equal("net0/1", JsonDocument.Parse(json.Out).RootElement.GetProperty("target").GetString());
    }

    [Fact]
    public async Task Status_sums_up()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Attach("net0/0");

        CommandRun run = await CommandRun.OfAsync(fixture, "status");
        CommandRun json = await CommandRun.OfAsync(fixture, "status", "--json");

        Assert.Contains($"process {Environment.ProcessId}\n", run.Out);
        Assert.Contains($"control    {fixture.SocketPath}\n", run.Out);
        Assert.Contains("vfs        2 enabled, 1 functions attached\n", run.Out);
        Assert.Equal(1, JsonDocument.Parse(json.Out).RootElement.GetProperty("protocol").GetInt32());
    }

    [Theory]
    [InlineData("status")]
    [InlineData("get")]
    [InlineData("shutdown")]
    [InlineData("stats")]
    public async Task Without_daemon_a_command_is_exit_code_3_and_says_how_to_start_one(string command)
    {
        CommandRun run = await CommandRun.OfAsync(command, "--socket", "/nonexistent/control.sock");

        Assert.Equal((ExitCode.NoDaemon, ""), (run.ExitCode, run.Out));
        Assert.Equal(
            "error: no daemon answers at /nonexistent/control.sock: there is no such socket\n" +
            "  fix: start one with 'softiov serve', or name its socket in SOFTIOV_SOCKET or by --socket\n",
            run.Error);
    }

    [Fact]
    public async Task Version_needs_no_daemon()
    {
        await using var fixture = new ControlFixture();

        CommandRun with = await CommandRun.OfAsync(fixture, "version");
        CommandRun without = await CommandRun.OfAsync("version", "--socket", "/nonexistent/control.sock");

        Assert.Contains("(control protocol 1)", with.Out);
        Assert.Equal(ExitCode.Ok, without.ExitCode);
        Assert.Contains("softiovd  does not run\n", without.Out);
    }

    [Fact]
    public async Task Shutdown_stops_the_daemon()
    {
        await using var fixture = new ControlFixture();

        CommandRun run = await CommandRun.OfAsync(fixture, "shutdown");

        Assert.Equal((ExitCode.Ok, "", ""), (run.ExitCode, run.Out, run.Error));
        await fixture.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
