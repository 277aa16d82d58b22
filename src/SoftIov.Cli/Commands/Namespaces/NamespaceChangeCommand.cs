using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary>A command that changes one namespace: its adapter, and what all changes have.</summary>
internal abstract class NamespaceChangeCommand : CliCommand
{
    private readonly Argument<string> _adapter = new("ADAPTER") { Description = "An nvme adapter (disk0)." };
    private readonly ChangeOptions _change = new();
    private readonly Option<bool> _json = JsonOption("the steps");

    /// <summary>With name and one sentence.</summary>
    protected NamespaceChangeCommand(string name, string description, CommandContext context)
        : base(name, description, context)
    {
        _adapter.CompletionSources.Add(at => context.Candidates.Disks(at, _adapter));
        Add(_adapter);
    }

    /// <summary>The adapter's argument.</summary>
    protected Argument<string> Adapter => _adapter;

    /// <summary>What is asked of the daemon, but for the adapter and what all changes have.</summary>
    protected abstract NamespaceRequest Request(ParseResult parse, string adapter);

    /// <summary>An argument for the NSID of a namespace that is there.</summary>
    protected Argument<int> NamespaceId()
    {
        var id = new Argument<int>("NSID") { Description = "The namespace, as 'softiov namespace list' names it." };
        id.CompletionSources.Add(at => Context.Candidates.NamespaceIds(at, _adapter));
        return id;
    }

    /// <summary>An argument for functions.</summary>
    protected static Argument<string[]> Functions(string meaning, ArgumentArity arity) => new("FUNCTION") { Description = meaning, Arity = arity };

    /// <summary>To be called when the arguments are there.</summary>
    protected void AddChangeOptions()
    {
        _change.AddTo(this);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        NamespaceRequest request = Request(parse, parse.GetRequiredValue(_adapter)) with
        {
            DryRun = _change.DryRun(parse), Force = _change.Force(parse),
        };
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        ApplyResult result = await client.NamespaceAsync(request, cancellationToken).ConfigureAwait(false);
        ChangeOptions.Show(result, parse.GetValue(_json), Terminal);
        return ExitCode.Ok;
    }
}
