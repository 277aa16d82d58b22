using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Completion;

namespace SoftIov.Cli;

/// <summary>What all commands of one command line share.</summary>
internal sealed class CommandContext(Terminal terminal)
{
    /// <summary>Where they write.</summary>
    public Terminal Terminal => terminal;

    /// <summary>Words for completion.</summary>
    public Candidates Candidates => new(this);

    /// <summary>The control socket, before or after the command's name.</summary>
    public Option<string?> Socket { get; } = new("--socket")
    {
        Description = $"Control socket of the daemon. Default: ${ControlSocket.Variable}, else /run/softiov/{ControlSocket.FileName} " +
            $"for root and $XDG_RUNTIME_DIR/softiov/{ControlSocket.FileName} for others.",
        HelpName = "PATH",
        Recursive = true,
    };

    /// <summary>Connects to the daemon that the command line names.</summary>
    public Task<ControlClient> ConnectAsync(ParseResult parse, CancellationToken cancellationToken) =>
        ControlClient.ConnectAsync(parse.GetValue(Socket), cancellationToken);
}
