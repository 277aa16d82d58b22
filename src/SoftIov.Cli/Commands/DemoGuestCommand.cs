using System.CommandLine;
using SoftIov.Lab.Guests;

namespace SoftIov.Cli.Commands;

/// <summary>
/// A guest with built-in drivers, which <c>softiov demo --guests in-process</c> starts: hidden, spoken to in lines of JSON.
/// </summary>
internal sealed class DemoGuestCommand : CliCommand
{
    /// <summary>The command.</summary>
    public DemoGuestCommand(CommandContext context)
        : base(GuestProgram.Command, "Be a guest of the demo.", context) => Hidden = true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        Task.FromResult(GuestProgram.Run(Terminal.In(), Terminal.Out));
}
