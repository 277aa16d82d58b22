using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary><c>softiov namespace attach</c>: gives a namespace to functions.</summary>
internal sealed class NamespaceAttachCommand : NamespaceChangeCommand
{
    private readonly Argument<int> _id;
    private readonly Argument<string[]> _functions = Functions("Functions that get it: pf, or a VF number from 0.", ArgumentArity.OneOrMore);

    /// <summary>The command.</summary>
    public NamespaceAttachCommand(CommandContext context)
        : base("attach", "Give a namespace to functions.", context)
    {
        Details = "Guests that run see it at once. A namespace that is not shared has one function at most.";
        Examples = [("softiov namespace attach disk0 3 0 1", "namespace 3 for VF 0 and VF 1")];
        Add(_id = NamespaceId());
        Add(_functions);
        AddChangeOptions();
    }

    /// <inheritdoc/>
    protected override NamespaceRequest Request(ParseResult parse, string adapter) =>
        new(adapter, NamespaceAction.Attach, parse.GetRequiredValue(_id), Functions: parse.GetValue(_functions));
}
