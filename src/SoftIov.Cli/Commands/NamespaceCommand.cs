using System.CommandLine;
using SoftIov.Cli.Commands.Namespaces;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov namespace</c>: namespaces of nvme adapters.</summary>
internal sealed class NamespaceCommand : Command
{
    /// <summary>The command and what is below it.</summary>
    public NamespaceCommand(CommandContext context)
        : base("namespace", "List, create, delete, attach and detach namespaces of nvme adapters.")
    {
        Aliases.Add("ns");
        Add(new NamespaceListCommand(context));
        Add(new NamespaceCreateCommand(context));
        Add(new NamespaceDeleteCommand(context));
        Add(new NamespaceAttachCommand(context));
        Add(new NamespaceDetachCommand(context));
    }
}
