using System.CommandLine;
using SoftIov.Linux;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov serve</c>: becomes the daemon.</summary>
internal sealed class ServeCommand : CliCommand
{
    private const string Daemon = "softiovd";

    private readonly Argument<string[]> _options = new("OPTION")
    {
        Description = "Options of softiovd, passed on as they are.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The command.</summary>
    public ServeCommand(CommandContext context)
        : base("serve", "Run the daemon, softiovd, in the foreground.", context)
    {
        Details = "The process becomes softiovd: signals and the exit code are the daemon's own. 'softiov serve -- --help' shows its options.";
        Examples =
        [
            ("softiov serve --config net.yaml", "start with this configuration"),
            ("softiov serve", "go on with the state that was saved last"),
        ];
        TreatUnmatchedTokensAsErrors = false;
        Add(_options);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        if (Find(AppContext.BaseDirectory) is not { } path)
        {
            Terminal.Error.WriteLine($"error: the daemon, {Daemon}, is not next to softiov in {AppContext.BaseDirectory}");
            Terminal.Error.WriteLine("  fix: publish SoftIov.Cli and SoftIov.Daemon into one directory");
            return Task.FromResult(ExitCode.Failed);
        }

        string[] socket = parse.GetValue(Context.Socket) is { } named ? ["--socket", named] : [];
        throw ProcessImage.Replace(path, [Daemon, .. socket, .. parse.GetValue(_options) ?? []]);
    }

    /// <summary>The daemon next to this program, or in the directory softiovd next to its own.</summary>
    internal static string? Find(string directory)
    {
        string[] places = [Path.Combine(directory, Daemon), Path.Combine(directory, "..", Daemon, Daemon)];
        return Array.Find(places, File.Exists);
    }
}
