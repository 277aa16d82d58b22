using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary><c>softiov namespace delete</c>: deletes a namespace with its data.</summary>
internal sealed class NamespaceDeleteCommand : NamespaceChangeCommand
{
    private readonly Argument<int> _id;

    /// <summary>The command.</summary>
    public NamespaceDeleteCommand(CommandContext context)
        : base("delete", "Delete a namespace and its data.", context)
    {
        Details = "Refused unless --force is given, since its data are lost. Namespaces that a guest made can be deleted too.";
        Examples = [("softiov namespace delete disk0 3 --force", "namespace 3 of disk0")];
        Add(_id = NamespaceId());
        AddChangeOptions();
    }

    /// <inheritdoc/>
    protected override NamespaceRequest Request(ParseResult parse, string adapter) =>
        new(adapter, NamespaceAction.Delete, parse.GetRequiredValue(_id));
}
