using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands.Namespaces;

/// <summary><c>softiov namespace create</c>: makes a namespace of an adapter's free capacity.</summary>
internal sealed class NamespaceCreateCommand : NamespaceChangeCommand
{
    private readonly Argument<string> _size = new("SIZE") { Description = $"Its size, {ByteSize.Expected["a size ".Length..]}." };

    private readonly Argument<string[]> _functions =
        Functions("Functions that have it at once: pf, or a VF number from 0.", ArgumentArity.ZeroOrMore);

    private readonly Option<int?> _id = new("--id") { Description = "Its NSID. Default: the lowest that is free.", HelpName = "NSID" };
    private readonly Option<bool> _shared = new("--shared") { Description = "Several functions may have it." };

    private readonly Option<int?> _blockSize = new("--block-size")
    {
        Description = "Bytes of a block: 512, the default, or 4096.",
        HelpName = "BYTES",
    };

    /// <summary>The command.</summary>
    public NamespaceCreateCommand(CommandContext context)
        : base("create", "Create a namespace, empty, and attach it.", context)
    {
        Details = "It is kept like a setting: it survives a restart of the daemon, and an 'apply' of a file that does not name it deletes it, if " +
            "forced. By default VFs share all the capacity: then there is none left until vfNamespaces is none, or the size of each.";
        Examples =
        [
            ("softiov namespace create disk0 10GiB 0", "a private disk for VF 0"),
            ("softiov namespace create disk0 1GiB 0 1 pf --shared", "one for two VFs and the PF"),
        ];
        _size.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ByteSize.Parse(text) is null)
            {
                result.AddError($"'{text}' is no size: write {ByteSize.Expected}");
            }
        });
        Add(_size);
        Add(_functions);
        Add(_id);
        Add(_blockSize);
        Add(_shared);
        AddChangeOptions();
    }

    /// <inheritdoc/>
    protected override NamespaceRequest Request(ParseResult parse, string adapter) => new(
        adapter,
        NamespaceAction.Create,
        parse.GetValue(_id),
        ByteSize.Parse(parse.GetRequiredValue(_size)),
        parse.GetValue(_blockSize),
        parse.GetValue(_shared),
        parse.GetValue(_functions));
}
