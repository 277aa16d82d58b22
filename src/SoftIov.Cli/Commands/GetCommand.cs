using System.CommandLine;
using System.Text.Json;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov get</c>: adapters and functions as they are.</summary>
internal sealed class GetCommand : CliCommand
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly Argument<string?> _target = OptionalTarget("An adapter (net0), its PF (net0/pf) or a VF (net0/3). Default: all.");
    private readonly Option<bool> _json = JsonOption("the state");
    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Show it again whenever it changes, until Ctrl-C." };

    /// <summary>The command.</summary>
    public GetCommand(CommandContext context)
        : base("get", "Show adapters and functions as they are.", context)
    {
        Details = "One table of adapters, one of functions. POLICY names what differs from the default, in the words of ip-link(8). " +
            "ATTACHED is the client's command and process; WHOLE is who has an adapter whole, free when nobody has yet, - when its functions " +
            "are served singly. DRIVER says how far the guest's driver came: none, reset, acknowledged, " +
            "driver-ok, needs-reset or failed; of an NVMe controller none, offline, disabled, ready or fatal. Nvme adapters have a table of their " +
            "namespaces too.";
        Examples =
        [
            ("softiov get", "everything"),
            ("softiov get net0/3", "one VF"),
            ("softiov get -w", "keep watching"),
            ("softiov get --json | jq -r '.adapters[].functions[] | select(.attachment) | .target'", "functions in use"),
        ];
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_json);
        Add(_watch);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? target = parse.GetValue(_target);
        bool json = parse.GetValue(_json);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        GetResult state = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_watch))
        {
            await WatchAsync(client, target, json, cancellationToken).ConfigureAwait(false);
        }
        else if (json)
        {
            JsonText.Write(Terminal.Out, state, ControlJson.Default.GetResult);
        }
        else if (state.Adapters.Count == 0)
        {
            Terminal.Error.WriteLine("no adapters yet: softiov apply -f FILE makes them");
        }
        else
        {
            Tables.Show(Terminal, StateTables.Of(state, target));
        }

        return ExitCode.Ok;
    }

    private Task WatchAsync(ControlClient client, string? target, bool json, CancellationToken cancellationToken)
    {
        if (!json)
        {
            return LiveView.RunAsync(
                Terminal,
                WatchInterval,
                async end => StateTables.Of(await client.GetAsync(target, end).ConfigureAwait(false), target),
                onlyChanges: true,
                cancellationToken);
        }

        string last = "";
        return LiveView.EveryAsync(
            WatchInterval,
            async () => last = ShowChange(await client.GetAsync(target, cancellationToken).ConfigureAwait(false), last),
            cancellationToken);
    }

    private string ShowChange(GetResult state, string last)
    {
        string key = JsonSerializer.Serialize(WithoutCounters(state), ControlJson.Default.GetResult);
        if (key != last)
        {
            JsonText.WriteLine(Terminal.Out, state, ControlJson.Default.GetResult);
            Terminal.Out.Flush();
        }

        return key;
    }

    // Traffic alone is no change of state: 'stats --watch' is for that.
    private static GetResult WithoutCounters(GetResult state) => new(
    [
        .. state.Adapters.Select(a => a with { Functions = [.. a.Functions.Select(f => f.WithoutWork())] }),
    ]);
}
