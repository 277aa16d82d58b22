using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary><c>softiov namespace detach</c>: takes a namespace from functions; its data stay.</summary>
internal sealed class NamespaceDetachCommand : NamespaceChangeCommand
{
    private readonly Argument<int> _id;

    private readonly Argument<string[]> _functions =
        Functions("Functions that lose it: pf, or a VF number from 0. Default: all.", ArgumentArity.ZeroOrMore);

    /// <summary>The command.</summary>
    public NamespaceDetachCommand(CommandContext context)
        : base("detach", "Take a namespace from functions; its data stay.", context)
    {
        Details = "Guests that run lose it at once, as if a disk were pulled out.";
        Examples = [("softiov namespace detach disk0 3 1", "namespace 3 from VF 1"), ("softiov namespace detach disk0 3", "from all")];
        Add(_id = NamespaceId());
        Add(_functions);
        AddChangeOptions();
    }

    /// <inheritdoc/>
    protected override NamespaceRequest Request(ParseResult parse, string adapter)
    {
        string[] functions = parse.GetValue(_functions) ?? [];
        return new(adapter, NamespaceAction.Detach, parse.GetRequiredValue(_id), Functions: functions.Length == 0 ? null : functions);
    }
}
