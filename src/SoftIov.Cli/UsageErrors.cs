using System.CommandLine;
using System.CommandLine.Parsing;
using SoftIov.Api;
using SoftIov.Cli.Help;

namespace SoftIov.Cli;

/// <summary>What is wrong with a command line, on standard error, with where to look.</summary>
internal static class UsageErrors
{
    /// <summary>The exit code when the command line is wrong; null when it may run.</summary>
    public static int? Report(ParseResult parse, Terminal terminal)
    {
        Command command = parse.CommandResult.Command;
        if (parse.Errors.Count == 0 || parse.Action is HelpPageAction or not (null or System.CommandLine.Invocation.ParseErrorAction))
        {
            return null;
        }

        if (command is RootCommand && parse.Tokens.Count == 0)
        {
            HelpPage.Write(command, terminal.Error);
            return ExitCode.Usage;
        }

        if (command is RootCommand && parse.UnmatchedTokens.Count > 0)
        {
            terminal.Error.WriteLine($"error: there is no command '{parse.UnmatchedTokens[0]}'");
            terminal.Error.WriteLine($"  fix: {Meant(parse.UnmatchedTokens[0], command)}");
            return ExitCode.Usage;
        }

        foreach (ParseError error in parse.Errors)
        {
            terminal.Error.WriteLine($"error: {error.Message.TrimEnd('.')}");
        }

        terminal.Error.WriteLine($"  fix: see '{HelpPage.PathOf(command)} --help'");
        return ExitCode.Usage;
    }

    private static string Meant(string word, Command root) =>
        Spelling.Nearest(word, root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)) is { } near
            ? $"did you mean 'softiov {near}'?"
            : "see 'softiov --help'";
}
