using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using SoftIov.Api;
using SoftIov.Cli.Commands;
using SoftIov.Cli.Help;

namespace SoftIov.Cli;

/// <summary>What is wrong with a command line, on standard error, with where to look.</summary>
internal static class UsageErrors
{
    /// <summary>The exit code when the command line is wrong; null when it may run.</summary>
    public static int? Report(ParseResult parse, Terminal terminal)
    {
        Command command = parse.CommandResult.Command;
        string? unknown = UnknownOption(parse);
        bool wrong = parse.Errors.Count > 0 || unknown is not null;
        if (!wrong || parse.Action is not (null or ParseErrorAction or AsynchronousCommandLineAction))
        {
            return null;
        }

        if (unknown is not null)
        {
            terminal.Error.WriteLine($"error: there is no option '{unknown}'");
            terminal.Error.WriteLine($"  fix: {MeantOption(unknown, command)}");
            return ExitCode.Usage;
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

    /// <summary>
    /// A word that looks like an option, is none, and so was taken for a value. What stands after -- is a value whatever it looks like, and
    /// the daemon knows its own options.
    /// </summary>
    private static string? UnknownOption(ParseResult parse) => parse.CommandResult.Command is ServeCommand ? null : parse.Tokens
        .TakeWhile(t => t.Type != TokenType.DoubleDash)
        .FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith('-') && char.IsAsciiLetter(t.Value.TrimStart('-').FirstOrDefault()))
        ?.Value;

    private static string MeantOption(string word, Command command) =>
        Spelling.Nearest(word, command.Options.Select(o => o.Name)) is { } near
            ? $"did you mean {near}?"
            : $"see '{HelpPage.PathOf(command)} --help'";

    private static string Meant(string word, Command root) =>
        Spelling.Nearest(word, root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)) is { } near
            ? $"did you mean 'softiov {near}'?"
            : "see 'softiov --help'";
}
