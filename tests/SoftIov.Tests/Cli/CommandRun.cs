using SoftIov.Cli;
using SoftIov.Tests.Daemon;

namespace SoftIov.Tests.Cli;

/// <summary>What one command line did.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs against the daemon of <paramref name="fixture"/>.</summary>
    public static Task<CommandRun> OfAsync(ControlFixture fixture, params string[] args) =>
        OfAsync([.. args.TakeWhile(a => a != "--"), "--socket", fixture.SocketPath, .. args.SkipWhile(a => a != "--")]);

    /// <summary>What may come at the end of a line.</summary>
    public static async Task<string[]> CompletionsAsync(ControlFixture fixture, string line)
    {
        string whole = $"--socket {fixture.SocketPath} {line}";
        CommandRun run = await OfAsync($"[suggest:{whole.Length}]", whole);
        return run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs without choosing a daemon.</summary>
    public static Task<CommandRun> OfAsync(params string[] args) => OfAsync(args, "");

    /// <summary>Runs in this process, as a pipe sees it or, with <paramref name="color"/>, as a person does.</summary>
    public static async Task<CommandRun> OfAsync(
        string[] args,
        string input,
        bool color = false,
        Stream? raw = null,
        string? searchPath = null,
        TextWriter? output = null,
        CancellationToken cancellationToken = default)
    {
        output ??= new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal
        {
            Out = TextWriter.Synchronized(output),
            Error = TextWriter.Synchronized(error),
            In = () => new StringReader(input),
            RawOut = () => raw ?? Stream.Null,
            IsInteractive = color,
            HasColor = color,
            SearchPath = searchPath ?? Environment.GetEnvironmentVariable("PATH"),
        };
        int code = await CommandLine.RunAsync(args, terminal, cancellationToken);
        return new CommandRun(code, output.ToString()!, error.ToString());
    }
}
