using SoftIov.Cli;
using SoftIov.Tests.Daemon;

namespace SoftIov.Tests.Cli;

/// <summary>What one command line did, in this process.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs against the daemon of <paramref name="fixture"/>, as a pipe sees it.</summary>
    public static Task<CommandRun> OfAsync(ControlFixture fixture, params string[] args) => OfAsync([.. args, "--socket", fixture.SocketPath]);

    /// <summary>Runs without choosing a daemon, as a pipe sees it.</summary>
    public static Task<CommandRun> OfAsync(params string[] args) => OfAsync(args, "");

    /// <summary>Runs with something on standard input.</summary>
    public static Task<CommandRun> OfAsync(string[] args, string input) =>
        OfAsync(args, terminal => terminal with { In = () => new StringReader(input) });

    /// <summary>Runs at a terminal that the test makes.</summary>
    public static async Task<CommandRun> OfAsync(
        string[] args, Func<Terminal, Terminal> change, CancellationToken cancellationToken = default)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await CommandLine.RunAsync(args, change(TerminalModel.Of(output, error)), cancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>What may come at the end of a line.</summary>
    public static async Task<string[]> CompletionsAsync(ControlFixture fixture, string line)
    {
        string whole = $"--socket {fixture.SocketPath} {line}";
        CommandRun run = await OfAsync($"[suggest:{whole.Length}]", whole);
        return run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
