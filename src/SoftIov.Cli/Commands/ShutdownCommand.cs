using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov shutdown</c>: stops the daemon.</summary>
internal sealed class ShutdownCommand : CliCommand
{
    /// <summary>The command.</summary>
    public ShutdownCommand(CommandContext context)
        : base("shutdown", "Stop the daemon.", context)
    {
        Details = "Guests keep running without their devices. What is wanted stays saved: 'softiov serve' goes on with it.";
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        await client.ShutdownAsync(cancellationToken).ConfigureAwait(false);
        return ExitCode.Ok;
    }
}
