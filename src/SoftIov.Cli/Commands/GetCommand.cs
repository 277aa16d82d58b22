using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov get</c>: adapters and functions as they are.</summary>
internal sealed class GetCommand : CliCommand
{
    private readonly Argument<string?> _target = OptionalTarget("An adapter (net0), its PF (net0/pf) or a VF (net0/3). Default: all.");
    private readonly Option<bool> _json = JsonOption("the state");

    /// <summary>The command.</summary>
    public GetCommand(CommandContext context)
        : base("get", "Show adapters and functions as they are.", context)
    {
        Details = "One table of adapters, one of functions. POLICY names what differs from the default, in the words of ip-link(8). " +
            "ATTACHED is the client's command and process. DRIVER says how far the guest's driver came: none, reset, acknowledged, " +
            "driver-ok, needs-reset or failed.";
        Examples =
        [
            ("softiov get", "everything"),
            ("softiov get net0/3", "one VF"),
            ("softiov get --json | jq -r '.adapters[].functions[] | select(.attachment) | .target'", "functions in use"),
        ];
        Add(_target);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? target = parse.GetValue(_target);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        GetResult result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, result, ControlJson.Default.GetResult);
        }
        else if (result.Adapters.Count == 0)
        {
            Terminal.Error.WriteLine("no adapters yet: softiov apply -f FILE makes them");
        }
        else
        {
            Tables.Show(Terminal, StateTables.Of(result, target));
        }

        return ExitCode.Ok;
    }
}
