using System.CommandLine;
using System.CommandLine.Invocation;

namespace SoftIov.Cli.Help;

/// <summary><c>--help</c>.</summary>
internal sealed class HelpPageAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        HelpPage.Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return ExitCode.Ok;
    }
}
