using System.CommandLine;
using SoftIov.Cli.Completion;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov completion</c>: scripts for shells.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish." };

    /// <summary>The command.</summary>
    public CompletionCommand(CommandContext context)
        : base("completion", "Print a script that completes softiov's words in a shell.", context)
    {
        Details = "Targets, keys and values come from the running daemon, when there is one.";
        Examples =
        [
            ("source <(softiov completion bash)", "for this bash; put the line into ~/.bashrc for all"),
            ("softiov completion zsh > \"${fpath[1]}/_softiov\"", "for zsh"),
            ("softiov completion fish > ~/.config/fish/completions/softiov.fish", "for fish"),
        ];
        _shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        Add(_shell);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Terminal.Out.Write(CompletionScripts.Of(parse.GetRequiredValue(_shell)));
        return Task.FromResult(ExitCode.Ok);
    }
}
