using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary><c>softiov namespace list</c>: namespaces as they are.</summary>
internal sealed class NamespaceListCommand : CliCommand
{
    private readonly Argument<string?> _adapter = new("ADAPTER")
    {
        Description = "An nvme adapter (disk0). Default: all.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _json = JsonOption("the adapters with their namespaces");

    /// <summary>The command.</summary>
    public NamespaceListCommand(CommandContext context)
        : base("list", "Show namespaces, who made them and who has them.", context)
    {
        Details = "ORIGIN is configuration for those that the configuration wants, a VF's own among them, and guest for those that a guest with " +
            "the PF made: apply leaves these alone. HELD-BY names the functions that have a namespace.";
        Examples = [("softiov namespace list disk0", "those of one adapter")];
        _adapter.CompletionSources.Add(at => context.Candidates.Disks(at, _adapter));
        Add(_adapter);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        GetResult state = await client.GetAsync(parse.GetValue(_adapter), cancellationToken).ConfigureAwait(false);
        var disks = new GetResult([.. state.Adapters.OfType<NvmeAdapterStatus>()]);
        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, disks, ControlJson.Default.GetResult);
        }
        else
        {
            Tables.Show(Terminal, NvmeTables.Namespaces(disks.Adapters.OfType<NvmeAdapterStatus>()));
        }

        return ExitCode.Ok;
    }
}
