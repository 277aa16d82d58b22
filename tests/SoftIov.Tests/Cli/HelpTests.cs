using System.CommandLine;
using SoftIov.Cli;
using SoftIov.Cli.Commands;
using SoftIov.Cli.Help;
using SoftIov.Tests.House;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>Pages of <c>--help</c>; some word by word.</summary>
public class HelpTests
{
    [Theory]
    [InlineData("softiov")]
    [InlineData("set")]
    [InlineData("attach")]
    [InlineData("capture")]
    [InlineData("inject")]
    [InlineData("namespace")]
    [InlineData("namespace create")]
    public async Task The_page_is_as_reviewed(string command)
    {
        CommandRun run = await CommandRun.OfAsync(command == "softiov" ? ["--help"] : [.. command.Split(' '), "--help"]);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal(Repository.Read($"tests/SoftIov.Tests/Cli/Golden/{command.Replace(' ', '-')}.txt"), run.Out);
    }

    [Fact]
    public async Task Every_page_has_its_parts_and_fits_100_columns()
    {
        foreach (CliCommand command in Commands())
        {
            string path = HelpPage.PathOf(command);
            CommandRun run = await CommandRun.OfAsync([.. path.Split(' ').Skip(1), "-h"]);

            Assert.StartsWith($"{path} - {command.Description}\n\nUsage:\n  {path}", run.Out);
            Assert.Contains("\nOptions:\n", run.Out);
            Assert.EndsWith("130 interrupted.\n", run.Out.Replace("\n  ", " ", StringComparison.Ordinal));
            Assert.All(run.Out.Split('\n').Where(l => !l.StartsWith("  softiov ", StringComparison.Ordinal)), l => Assert.True(l.Length <= 100, l));
        }
    }

    [Fact]
    public void Every_symbol_says_what_it_is() => Assert.Empty(
        from command in Commands()
        from symbol in command.Options.Cast<Symbol>().Concat(command.Arguments)
        where string.IsNullOrWhiteSpace(symbol.Description) || !symbol.Description.EndsWith('.')
        select $"{command.Name} {symbol.Name}");

    [Fact]
    public void Examples_parse()
    {
        RootCommand root = CommandLine.Build(new CommandContext(TerminalModel.Of(new StringWriter(), new StringWriter())));
        IEnumerable<string> lines = from command in Commands()
                                    from example in command.Examples
                                    where example.Line.StartsWith("softiov ", StringComparison.Ordinal)
                                    select example.Line["softiov ".Length..].Split(" |")[0].Split(" >")[0];
        Assert.All(lines, line => Assert.Empty(root.Parse(line).Errors));
    }

    [Fact]
    public async Task Without_a_command_the_page_is_an_error_on_standard_error()
    {
        CommandRun run = await CommandRun.OfAsync();

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Equal(Repository.Read("tests/SoftIov.Tests/Cli/Golden/softiov.txt"), run.Error);
    }

    [Theory]
    [InlineData("gte", "did you mean 'softiov get'?")]
    [InlineData("captrue", "did you mean 'softiov capture'?")]
    [InlineData("frobnicate", "see 'softiov --help'")]
    public async Task A_command_that_is_not_there_is_told_with_the_one_that_was_meant(string word, string fix)
    {
        CommandRun run = await CommandRun.OfAsync(word);

        Assert.Equal(
            (ExitCode.Usage, "", $"error: there is no command '{word}'\n  fix: {fix}\n"), (run.ExitCode, run.Out, run.Error));
    }

    [Theory]
    [InlineData("did you mean --json?", "get", "--jsno")]
    [InlineData("did you mean --force?", "set", "net0", "numVfs=1", "--froce")]
    [InlineData("see 'softiov get --help'", "get", "-q")]
    public async Task An_option_that_is_not_there_is_never_taken_for_a_target(string fix, params string[] args)
    {
        CommandRun run = await CommandRun.OfAsync(args);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.Equal($"error: there is no option '{args[^1]}'\n  fix: {fix}\n", run.Error);
    }

    [Theory]
    [InlineData("get", "net0", "net1")]
    [InlineData("attach", "net0/1", "--memory", "0")]
    [InlineData("attach", "net0/1", "--memory", "much")]
    [InlineData("capture", "net0/1")]
    [InlineData("events", "-n", "1000")]
    public async Task A_wrong_word_is_told_with_the_page_to_look_at(params string[] args)
    {
        CommandRun run = await CommandRun.OfAsync(args);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Out));
        Assert.EndsWith($"  fix: see 'softiov {args[0]} --help'\n", run.Error);
    }

    private static IEnumerable<CliCommand> Commands() =>
        Below(CommandLine.Build(new CommandContext(TerminalModel.Of(new StringWriter(), new StringWriter())))).OfType<CliCommand>()
            .Where(c => !c.Hidden);

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(c => Below(c).Prepend(c));
}
