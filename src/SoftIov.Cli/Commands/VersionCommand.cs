using System.CommandLine;
using System.Reflection;
using SoftIov.Api;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov version</c>: versions of the command line and of the daemon it would speak to.</summary>
internal sealed class VersionCommand : CliCommand
{
    /// <summary>The command.</summary>
    public VersionCommand(CommandContext context)
        : base("version", "Show the versions of softiov and of the daemon.", context)
    {
        Details = "Without a daemon only softiov's own version is shown, and that is no error.";
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Terminal.Out.WriteLine($"softiov   {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}");
        try
        {
            await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
            VersionResult daemon = await client.GetVersionAsync(cancellationToken).ConfigureAwait(false);
            Terminal.Out.WriteLine($"softiovd  {daemon.Version} (control protocol {daemon.Protocol})");
        }
        catch (ControlException error) when (error.Code == ControlErrorCode.ConnectionLost)
        {
            Terminal.Out.WriteLine("softiovd  does not run");
        }

        return ExitCode.Ok;
    }
}
