using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov apply</c>: makes the content of a file desired state.</summary>
internal sealed class ApplyCommand : CliCommand
{
    private readonly Option<string> _file = new("--filename", "-f")
    {
        Description = "Configuration file in YAML; - reads standard input.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly ChangeOptions _change = new();
    private readonly Option<bool> _json = JsonOption("the steps");

    /// <summary>The command.</summary>
    public ApplyCommand(CommandContext context)
        : base("apply", "Make the daemon's adapters what a configuration file says.", context)
    {
        Details = "The file is all that is wanted: an adapter that it does not name is removed. The steps from the present state to the " +
            "wanted one are planned first, then done one by one; if one fails, those before it are taken back. Everything that is wrong " +
            "with the file is reported at once as FILE:LINE:COLUMN, with a fix, and then nothing changes. " +
            "The keys are in docs/guide/configuration.md.";
        Examples =
        [
            ("softiov apply -f net.yaml", "make it so"),
            ("softiov apply -f net.yaml --dry-run", "only show the steps"),
            ("cat net.yaml | softiov apply -f -", "from standard input"),
        ];
        Add(_file);
        _change.AddTo(this);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string file = parse.GetRequiredValue(_file);
        string yaml = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
        var request = new ApplyRequest(Yaml: yaml, File: file, DryRun: _change.DryRun(parse), Force: _change.Force(parse));
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        ApplyResult result = await client.ApplyAsync(request, cancellationToken).ConfigureAwait(false);
        ChangeOptions.Show(result, parse.GetValue(_json), Terminal);
        return ExitCode.Ok;
    }

    private async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        using TextReader reader = file == "-" ? Terminal.In() : new StreamReader(file);
        return await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
    }
}
