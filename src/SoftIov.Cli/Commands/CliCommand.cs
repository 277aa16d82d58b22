using System.CommandLine;
using System.Net.Sockets;
using SoftIov.Api;

namespace SoftIov.Cli.Commands;

/// <summary>One command: its line on the help page, its options, and what it does.</summary>
internal abstract class CliCommand : Command
{
    /// <summary>With name and one sentence.</summary>
    protected CliCommand(string name, string description, CommandContext context)
        : base(name, description)
    {
        Context = context;
        SetAction(InvokeAsync);
    }

    /// <summary>More than the one sentence, for the help page.</summary>
    public string? Details { get; protected init; }

    /// <summary>Command lines to copy, and what they do.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; protected init; } = [];

    /// <summary>What commands share.</summary>
    protected CommandContext Context { get; }

    /// <summary>Where to write.</summary>
    protected Terminal Terminal => Context.Terminal;

    /// <summary>Does it and returns the exit code.</summary>
    protected abstract Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken);

    /// <summary>An argument that names an adapter or a function.</summary>
    protected static Argument<string> Target(string meaning) => new("TARGET") { Description = meaning };

    /// <summary>Such an argument that may be left out.</summary>
    protected static Argument<string?> OptionalTarget(string meaning) =>
        new("TARGET") { Description = meaning, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The option for programs.</summary>
    protected static Option<bool> JsonOption(string what) => new("--json") { Description = $"Print {what} as JSON, for programs." };

    private async Task<int> InvokeAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(parse, cancellationToken).ConfigureAwait(false);
        }
        catch (ControlException error)
        {
            return Failures.Report(error, Terminal);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException error) when (CommandLine.IsReaderGone(error))
        {
            return ExitCode.Ok;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException)
        {
            Terminal.Error.WriteLine($"error: {error.Message}");
            return ExitCode.Failed;
        }
    }
}
