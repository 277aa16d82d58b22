using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov stats</c>: counters, or rates while watching.</summary>
internal sealed class StatsCommand : CliCommand
{
    private readonly Argument<string?> _target = OptionalTarget("An adapter (net0), its PF (net0/pf) or a VF (net0/3). Default: all.");

    private readonly Option<string?> _watch = new("--watch", "-w")
    {
        Description = "Show rates every so many seconds, until Ctrl-C. Default: 1.",
        HelpName = "SECONDS",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, for programs; when watching, one object per line." };

    /// <summary>The command.</summary>
    public StatsCommand(CommandContext context)
        : base("stats", "Show counters of functions, or their rates.", context)
    {
        Details = "Counters are named as 'ip -s link' names them and seen from the function: rx is what the guest received. RX-DROP counts " +
            "frames that found no buffers, no driver or no link; TX-DROP frames that policy stopped, of which SPOOF by spoofchk and VLAN " +
            "by VLAN rules. NVMe controllers count commands; P50-US and P99-US are what half and 99 of 100 commands that waited for the backing " +
            "took less than, in microseconds. Without a target pollers are shown too: the processor each is bound to, what work takes of it, and " +
            "the gaps between two rounds while it is awake, which is how long anything may wait to be seen.";
        Examples =
        [
            ("softiov stats", "counters of all functions, and the pollers"),
            ("softiov stats net0 --watch", "rates of one adapter, every second"),
            ("softiov stats --watch 10 --json >> rates.jsonl", "record rates"),
        ];
        _watch.Validators.Add(r => Bounds.CheckSeconds(r, "; a target stands before it"));
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_watch);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? target = parse.GetValue(_target);
        bool json = parse.GetValue(_json);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        StatsResult stats = await ReadAsync(client, target, cancellationToken).ConfigureAwait(false);
        if (parse.GetResult(_watch) is not null)
        {
            TimeSpan interval = TimeSpan.FromSeconds(Bounds.Seconds(parse.GetValue(_watch)) ?? 1);
            await WatchAsync(client, target, stats, interval, json, cancellationToken).ConfigureAwait(false);
        }
        else if (json)
        {
            JsonText.Write(Terminal.Out, stats, ControlJson.Default.StatsResult);
        }
        else
        {
            Tables.Show(Terminal, StatsTables.Counters(stats));
        }

        return ExitCode.Ok;
    }

    private async Task WatchAsync(
        ControlClient client, string? target, StatsResult first, TimeSpan interval, bool json, CancellationToken cancellationToken)
    {
        StatsResult before = first;
        async Task<StatsRates> NextAsync()
        {
            StatsResult now = await ReadAsync(client, target, cancellationToken).ConfigureAwait(false);
            StatsRates rates = StatsRates.Between(before, now);
            before = now;
            return rates;
        }

        await PauseAsync(interval, cancellationToken).ConfigureAwait(false);
        if (json)
        {
            await LiveView.EveryAsync(interval, async () => ShowLine(await NextAsync().ConfigureAwait(false)), cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            await LiveView.RunAsync(
                Terminal, interval, async _ => StatsTables.Rates(await NextAsync().ConfigureAwait(false)), onlyChanges: false, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private void ShowLine(StatsRates rates)
    {
        JsonText.WriteLine(Terminal.Out, rates, CliJson.Default.StatsRates);
        Terminal.Out.Flush();
    }

    private static async Task PauseAsync(TimeSpan interval, CancellationToken cancellationToken) =>
        await Task.Delay(interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task<StatsResult> ReadAsync(ControlClient client, string? target, CancellationToken cancellationToken)
    {
        StatsResult all = await client.GetStatsAsync(cancellationToken).ConfigureAwait(false);
        if (target is null)
        {
            return all;
        }

        string inside = $"{target}/";
        FunctionStats[] some = [.. all.Functions.Where(f => f.Target == target || f.Target.StartsWith(inside, StringComparison.Ordinal))];
        if (some.Length == 0)
        {
            await client.GetAsync(target, cancellationToken).ConfigureAwait(false); // says what is wrong with the target
        }

        return all with { Functions = some, Pollers = null };
    }
}
