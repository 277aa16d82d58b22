using System.CommandLine;
using System.Text;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov describe</c>: everything the daemon knows about one adapter or function.</summary>
internal sealed class DescribeCommand : CliCommand
{
    private readonly Argument<string> _target = Target("An adapter (net0), its PF (net0/pf) or a VF (net0/3).");
    private readonly Option<bool> _json = JsonOption("the description");

    /// <summary>The command.</summary>
    public DescribeCommand(CommandContext context)
        : base("describe", "Show everything about one adapter or function.", context)
    {
        Details = "Settings, registers of the SR-IOV capability, queues, features that the guest's driver negotiated, counters, the last " +
            "events: for people who look for a cause. Its wording may change; programs read 'softiov get --json'.";
        Examples = [("softiov describe net0", "an adapter"), ("softiov describe net0/3", "a VF")];
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        DescribeResult result = await client.DescribeAsync(parse.GetRequiredValue(_target), cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, result, ControlJson.Default.DescribeResult);
        }
        else
        {
            Terminal.Out.Write(Text(result));
        }

        return ExitCode.Ok;
    }

    private static string Text(DescribeResult result)
    {
        var text = new StringBuilder();
        foreach (DescribeSection section in result.Sections)
        {
            if (text.Length > 0)
            {
                text.Append('\n');
            }

            text.Append(section.Title).Append('\n');
            int width = section.Rows.Count == 0 ? 0 : section.Rows.Max(r => r.Name.Length);
            foreach (DescribeRow row in section.Rows)
            {
                text.Append("  ").Append(row.Name).Append(' ', width - row.Name.Length + 2).Append(row.Value).Append('\n');
            }
        }

        return text.ToString();
    }
}
