using System.Text.Json;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Cli.Output;
using SoftIov.Datapath;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>stats</c>, <c>events</c> and <c>capture</c>.</summary>
public class TrafficCommandsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Stats_are_a_table_with_numbers_at_the_right()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "stats", "net0/1");

        Assert.Equal("""
            FUNCTION  RX-FRAMES  RX-BYTES  RX-DROP  MULTICAST  BROADCAST  TX-FRAMES  TX-BYTES  TX-DROP  SPOOF  VLAN
            net0/1            1         2        7          5          6          3         4        8      9    10

            """, run.Out);
    }

    [Fact]
    public async Task Stats_of_everything_show_the_pollers_too()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Adapters.Polling =
        [
            new PollerStats(0, 3, 12.5, 2, 8, 40, 1, 900, [new(1.5, 60), new(16, 40)], Core: 1),
            new PollerStats(1, 0, 0, 0, 0, 0, 0, 0, []),
        ];

        CommandRun table = await CommandRun.OfAsync(fixture, "stats");
        CommandRun json = await CommandRun.OfAsync(fixture, "stats", "--json");

        Assert.EndsWith("""
            POLLER  CORE  QUEUES  BUSY-%  SLEEPS  MOVED-IN  GAP-P50-US  GAP-P99-US  GAP-MAX-US
            0          1       3    12.5      40         1         1.5        16.0       900.0
            1          -       0     0.0       0         0           -           -           -

            """, table.Out);
        JsonElement poller = JsonDocument.Parse(json.Out).RootElement.GetProperty("pollers")[0];
        Assert.Equal(60, poller.GetProperty("gaps")[0].GetProperty("count").GetInt64());
    }

    [Fact]
    public void What_pollers_did_between_two_readings_is_a_difference()
    {
        var before = new PollerStats(1, 2, 50, 1, 3, 10, 0, 900, [new(1.5, 100), new(900, 1)]);
        PollerStats now = before with
        {
            BusySeconds = 1.5, AsleepSeconds = 4, Sleeps = 30, MovedIn = 2, Gaps = [new(1.5, 110), new(4, 90), new(900, 1)],
        };

        PollerRates rates = PollerRates.Between(before, now, seconds: 2);

        Assert.Equal(new PollerRates(1, null, 2, 25, 50, 10, 2, 4, 4, 4), rates);
    }

    [Fact]
    public async Task Stats_of_an_adapter_are_those_of_its_functions()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "stats", "net0", "--json");
        CommandRun wrong = await CommandRun.OfAsync(fixture, "stats", "net9");

        Assert.Equal(3, JsonDocument.Parse(run.Out).RootElement.GetProperty("functions").GetArrayLength());
        Assert.Equal(ExitCode.Failed, wrong.ExitCode);
        Assert.Contains("there is no adapter 'net9'", wrong.Error);
    }

    [Fact]
    public async Task Watched_stats_are_rates_until_interrupted()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        using var interrupt = new CancellationTokenSource();
        var output = new SignallingWriter();
        Task<CommandRun> running = CommandRun.OfAsync(
            ["stats", "--json", "--watch", "0.1", "--socket", fixture.SocketPath], t => t with { Out = output }, interrupt.Token);
        await output.WaitForAsync("\n");
        await interrupt.CancelAsync();

        Assert.Equal(ExitCode.Ok, (await running).ExitCode);
        JsonElement first = JsonDocument.Parse(output.ToString().Split('\n')[0]).RootElement;
        Assert.Equal(0, first.GetProperty("functions")[0].GetProperty("rxPacketsPerSecond").GetDouble());
        Assert.True(first.GetProperty("seconds").GetDouble() > 0);
    }

    [Fact]
    public void Rates_are_differences_over_time()
    {
        var before = new StatsResult(DateTimeOffset.UnixEpoch, [Stats("net0/0", 100), Stats("net0/1", 900)]);
        var now = new StatsResult(DateTimeOffset.UnixEpoch.AddSeconds(2), [Stats("net0/0", 300), Stats("net0/1", 50), Stats("net0/2", 8)]);

        StatsRates rates = StatsRates.Between(before, now);

        // The second was made anew between the readings, the third was not there: both began at 0.
        Assert.Equal([100, 25, 4], rates.Functions.Cast<NetRates>().Select(f => f.RxPacketsPerSecond));
        Assert.Equal(2, rates.Seconds);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("net0")]
    [InlineData("NaN")]
    public async Task An_interval_must_be_a_time(string seconds)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "stats", $"--watch={seconds}");

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Contains("--watch takes seconds", run.Error);
    }

    [Fact]
    public async Task Events_show_the_past_of_a_target()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Events.Publish(EventKind.Attached, "net0/1", "process 4711");
        fixture.Events.Publish(EventKind.LinkChanged, "net1", "up");

        CommandRun all = await CommandRun.OfAsync(fixture, "events", "--json");
        CommandRun some = await CommandRun.OfAsync(fixture, "events", "net0");
        CommandRun one = await CommandRun.OfAsync(fixture, "events", "--last", "1");

        Assert.Equal(2, all.Out.TrimEnd().Split('\n').Length);
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  net0/1      attached        process 4711\n$", some.Out);
        Assert.Contains("linkChanged", one.Out);
        Assert.DoesNotContain("attached", one.Out);
    }

    [Fact]
    public async Task Followed_events_go_on_without_a_gap_until_interrupted()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Events.Publish(EventKind.Attached, "net0/1", "before");
        using var interrupt = new CancellationTokenSource();
        var output = new SignallingWriter();
        Task<CommandRun> running = CommandRun.OfAsync(
            ["events", "net0", "-f", "--json", "--socket", fixture.SocketPath], t => t with { Out = output }, interrupt.Token);
        await output.WaitForAsync("before");
        fixture.Events.Publish(EventKind.Attached, "net1/0", "of another");
        fixture.Events.Publish(EventKind.Detached, "net0/1", "after");
        await output.WaitForAsync("after");
        await interrupt.CancelAsync();

        Assert.Equal(ExitCode.Ok, (await running).ExitCode);
        long[] sequences = [.. output.ToString().TrimEnd().Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt64())];
        Assert.Equal([1, 3], sequences);
    }

    [Fact]
    public async Task A_capture_ends_after_the_frames_asked_for_and_is_a_file_for_tcpdump()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        using var file = new TemporaryFile();
        Task<CommandRun> running = CommandRun.OfAsync(fixture, "capture", "net0/1", "-w", file.Path, "-c", "3");
        await SendAsync(fixture, Pcap(5), dropped: 2);

        CommandRun run = await running.WaitAsync(Patience);

        Assert.Equal((ExitCode.Ok, "", "3 frames captured, 2 dropped\n"), (run.ExitCode, run.Out, run.Error));
        byte[] written = await File.ReadAllBytesAsync(file.Path);
        Assert.Equal(Pcap(3), written);
        Assert.Equal(3, (await TcpdumpAsync(file.Path)).TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void A_capture_cut_into_any_pieces_is_counted_alike()
    {
        byte[] whole = Pcap(4);
        for (int piece = 1; piece < whole.Length; piece += 7)
        {
            var frames = new SoftIov.Cli.Capture.PcapFrames(3);
            int kept = whole.Chunk(piece).Sum(chunk => frames.Take(chunk));

            Assert.Equal((3, Pcap(3).Length), (frames.Count, kept));
        }
    }

    [Fact]
    public async Task An_interrupted_capture_is_whole_and_says_what_it_has()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Adapters.CaptureEnding = Pcap(2)[Pcap(1).Length..];
        using var interrupt = new CancellationTokenSource();
        var pipe = new MemoryStream();
        Task<CommandRun> running = CommandRun.OfAsync(
            ["capture", "net0/1", "-w", "-", "--socket", fixture.SocketPath], t => t with { RawOut = () => pipe }, interrupt.Token);
        await SendAsync(fixture, Pcap(1), dropped: 0);
        Assert.True(SpinWait.SpinUntil(() => pipe.Length == Pcap(1).Length, Patience)); // before, the command may not know that it began
        await interrupt.CancelAsync();

        CommandRun run = await running.WaitAsync(Patience);

        Assert.Equal((ExitCode.Ok, "2 frames captured, 0 dropped\n"), (run.ExitCode, run.Error));
        Assert.Equal(Pcap(2), pipe.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task A_capture_ends_after_its_duration_however_long_it_took_to_begin(int delay)
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Adapters.CaptureDelay = TimeSpan.FromMilliseconds(delay);
        fixture.Adapters.CaptureEnding = Pcap(0);
        using var file = new TemporaryFile();

        CommandRun run = await CommandRun.OfAsync(fixture, "capture", "net0/1", "-w", file.Path, "--duration", "0.1");

        Assert.Equal((ExitCode.Ok, "0 frames captured, 0 dropped\n"), (run.ExitCode, run.Error));
        Assert.Equal(Pcap(0), await File.ReadAllBytesAsync(file.Path));
    }

    [Fact]
    public async Task A_capture_of_nothing_leaves_the_file_alone()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        using var file = new TemporaryFile("precious");

        CommandRun run = await CommandRun.OfAsync(fixture, "capture", "net0/x", "-w", file.Path);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Equal("precious", await File.ReadAllTextAsync(file.Path));
    }

    [Fact]
    public async Task A_capture_is_not_written_to_a_terminal()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(
            ["capture", "net0/1", "-w", "-", "--socket", fixture.SocketPath], t => t with { IsInteractive = true });

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("  fix: softiov capture net0/1 -w - | tcpdump -nr -\n", run.Error);
    }

    private static Task<string> TcpdumpAsync(string file) =>
        Shell.RunAsync("/usr/bin/env", "PATH=/usr/bin:/usr/sbin:/sbin", "tcpdump", "-nr", file);

    private static FunctionStats Stats(string target, long packets) => new(target, new NetCounters(packets, 0, 0, 0, 0, 0, 0, 0, 0, 0));

    private static byte[] Pcap(int frames)
    {
        var stream = new MemoryStream();
        var writer = new PcapWriter(stream, 262144);
        for (int i = 0; i < frames; i++)
        {
            byte[] frame = new byte[60 + i];
            frame[12] = 0x08;
            writer.Write(new CapturedFrame(i * 1_000_000_000L, frame.Length, frame.Length, CaptureDirection.Sent), frame);
        }

        return stream.ToArray();
    }

    private static async Task SendAsync(ControlFixture fixture, byte[] data, long dropped)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (fixture.Adapters.Capturing is null)
        {
            await Task.Delay(10, limit.Token);
        }

        await fixture.Adapters.Capturing(data, dropped);
    }
}
