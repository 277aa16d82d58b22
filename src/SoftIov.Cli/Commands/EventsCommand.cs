using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov events</c>: what happened in the daemon, and what happens.</summary>
internal sealed class EventsCommand : CliCommand
{
    private readonly Argument<string?> _target = OptionalTarget("Only events of this adapter (net0) or function (net0/3).");
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with new events, until Ctrl-C." };

    private readonly Option<int> _last = new("--last", "-n")
    {
        Description = "So many of the events before; the daemon remembers 256. Default: 50.",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object per line, for programs." };

    /// <summary>The command.</summary>
    public EventsCommand(CommandContext context)
        : base("events", "Show what happened to adapters, functions, clients and links.", context)
    {
        Examples =
        [
            ("softiov events", "the last 50"),
            ("softiov events net0 --follow", "those of one adapter, and what comes"),
            ("softiov events -f --json | jq -r 'select(.kind == \"detached\") | .target'", "for a program"),
        ];
        _last.Validators.Add(r => Bounds.Check(r, 0, 256));
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_follow);
        Add(_last);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? target = parse.GetValue(_target);
        bool json = parse.GetValue(_json);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_follow))
        {
            await FollowAsync(client, target, parse.GetValue(_last), json, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ShowLastAsync(client, target, parse.GetValue(_last), json, cancellationToken).ConfigureAwait(false);
        }

        return ExitCode.Ok;
    }

    private async Task<long> ShowLastAsync(ControlClient client, string? target, int last, bool json, CancellationToken cancellationToken)
    {
        EventsResult before = await client.GetEventsAsync(new EventsRequest(target, last), cancellationToken).ConfigureAwait(false);
        foreach (DaemonEvent one in before.Events)
        {
            Show(one, json);
        }

        await Terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        return before.Events.Count > 0 ? before.Events[^1].Sequence : 0;
    }

    private async Task FollowAsync(ControlClient client, string? target, int last, bool json, CancellationToken cancellationToken)
    {
        try
        {
            // Subscribed before the past is asked for, so that nothing falls between; what comes twice is left out.
            IAsyncEnumerable<DaemonEvent> coming = await client.SubscribeAsync(cancellationToken).ConfigureAwait(false);
            long shown = await ShowLastAsync(client, target, last, json, cancellationToken).ConfigureAwait(false);
            await foreach (DaemonEvent one in coming.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (one.Sequence > shown && Concerns(one, target))
                {
                    Show(one, json);
                    await Terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C
        }
    }

    private static bool Concerns(DaemonEvent one, string? target) =>
        target is null || one.Target == target || one.Target.StartsWith($"{target}/", StringComparison.Ordinal);

    private void Show(DaemonEvent one, bool json)
    {
        if (json)
        {
            JsonText.WriteLine(Terminal.Out, one, ControlJson.Default.DaemonEvent);
            return;
        }

        string time = one.Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        Terminal.Out.WriteLine($"{time}  {one.Target,-10}  {Kind(one.Kind),-14}  {one.Message}");
    }

    private static string Kind(EventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
