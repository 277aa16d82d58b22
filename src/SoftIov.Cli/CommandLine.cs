using System.CommandLine;
using System.CommandLine.Help;
using SoftIov.Cli.Commands;
using SoftIov.Cli.Help;
using SoftIov.Linux;

namespace SoftIov.Cli;

/// <summary>The command line <c>softiov</c>: parses, runs the command and reports what went wrong.</summary>
internal static class CommandLine
{
    /// <summary>Runs to the end and returns the exit code (<see cref="ExitCode"/>).</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        RootCommand root = Build(new CommandContext(terminal));
        ParseResult parse = root.Parse(args);
        var streams = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are Program's business
        };
        int code;
        try
        {
            code = UsageErrors.Report(parse, terminal) ?? await parse.InvokeAsync(streams, cancellationToken).ConfigureAwait(false);
            await terminal.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException error) when (IsReaderGone(error))
        {
            code = ExitCode.Ok;
        }
        catch (IOException error)
        {
            await terminal.Error.WriteLineAsync($"error: {error.Message}").ConfigureAwait(false);
            code = ExitCode.Failed;
        }

        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await terminal.Error.WriteLineAsync($"error: softiov itself failed: {error}").ConfigureAwait(false);
            code = ExitCode.Failed;
        }

        return code;
    }

    /// <summary>Whether a write failed because its reader went away: it has seen enough, as head and grep -q have.</summary>
    public static bool IsReaderGone(IOException error) => error is LinuxException { Errno: Errno.EPIPE };

    /// <summary>All commands.</summary>
    public static RootCommand Build(CommandContext context)
    {
        var root = new RootCommand("SR-IOV in software: adapters with virtual functions that VMs attach as PCIe devices.")
        {
            new ApplyCommand(context),
            new SetCommand(context),
            new GetCommand(context),
            new DescribeCommand(context),
            new AttachCommand(context),
            new DetachCommand(context),
            new NamespaceCommand(context),
            new StatsCommand(context),
            new CaptureCommand(context),
            new LspciCommand(context),
            new EventsCommand(context),
            new InjectCommand(context),
            new DemoCommand(context),
            new DemoGuestCommand(context),
            new ServeCommand(context),
            new StatusCommand(context),
            new ShutdownCommand(context),
            new VersionCommand(context),
            new CompletionCommand(context),
        };
        foreach (Option option in root.Options.Where(o => o is HelpOption or VersionOption).ToArray())
        {
            root.Options.Remove(option);
        }

        root.Options.Add(new HelpOption("--help", "-h") { Description = "Show this page.", Action = new HelpPageAction() });
        root.Options.Add(new VersionOption("--version") { Description = "Show the version of softiov itself." });
        root.Options.Add(context.Socket);
        return root;
    }
}
