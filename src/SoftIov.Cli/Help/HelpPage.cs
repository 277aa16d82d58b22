using System.CommandLine;
using System.Text;
using SoftIov.Cli.Commands;

namespace SoftIov.Cli.Help;

/// <summary>The page that <c>--help</c> prints: synopsis, description, arguments, options, examples, exit status.</summary>
internal static class HelpPage
{
    private const int Width = 100;
    private const int WidestName = 26;

    private const string ExitStatus =
        "0 done; 1 refused or failed, standard error says why; 2 the command line is wrong; 3 no daemon answers; 130 interrupted.";

    /// <summary>Writes the page of <paramref name="command"/>.</summary>
    public static void Write(Command command, TextWriter output)
    {
        var page = new StringBuilder();
        page.Append(PathOf(command)).Append(" - ").AppendLine(command.Description);
        Title(page, "Usage");
        page.Append("  ").AppendLine(Synopsis(command));
        if (command is CliCommand { Details: { } details })
        {
            Title(page, "Description");
            AppendWrapped(page, details, 2);
        }

        Rows(page, "Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? "")));
        Rows(page, "Arguments", command.Arguments.Where(a => !a.Hidden).Select(a => (Name(a), a.Description ?? "")));
        Rows(page, "Options", OptionsOf(command).Select(o => (Name(o), o.Description ?? "")));
        if (command is CliCommand { Examples: { Count: > 0 } examples })
        {
            Title(page, "Examples");
            foreach ((string line, string meaning) in examples)
            {
                page.Append("  # ").AppendLine(meaning).Append("  ").AppendLine(line);
            }
        }

        Title(page, "Exit status");
        AppendWrapped(page, ExitStatus, 2);
        output.Write(page);
    }

    /// <summary>The words that call a command.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "softiov";

    private static string Synopsis(Command command)
    {
        var text = new StringBuilder(PathOf(command));
        if (command.Subcommands.Any(c => !c.Hidden))
        {
            return text.Append(" COMMAND [ARGUMENTS] [OPTIONS]").ToString();
        }

        foreach (Argument argument in command.Arguments.Where(a => !a.Hidden))
        {
            string name = argument.Arity.MaximumNumberOfValues > 1 ? $"{Name(argument)}..." : Name(argument);
            text.Append(' ').Append(argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name);
        }

        foreach (Option option in command.Options.Where(o => o.Required))
        {
            text.Append(' ').Append(Names(option)[0]).Append(Value(option));
        }

        return text.Append(" [OPTIONS]").ToString();
    }

    private static IEnumerable<Option> OptionsOf(Command command)
    {
        IEnumerable<Option> inherited = command.Parents.OfType<Command>().SelectMany(OptionsOf).Where(o => o.Recursive);
        return command.Options.Concat(inherited).Where(o => !o.Hidden).Distinct();
    }

    private static string Name(Argument argument) => argument.HelpName ?? argument.Name;

    private static string Name(Option option)
    {
        string[] names = Names(option);
        string text = string.Join(", ", names) + Value(option);
        return names[0].StartsWith("--", StringComparison.Ordinal) ? $"    {text}" : text;
    }

    private static string[] Names(Option option) =>
        [.. option.Aliases.Append(option.Name).Where(n => n[0] == '-').OrderBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal)];

    private static string Value(Option option)
    {
        if (option.HelpName is not { } name)
        {
            return "";
        }

        return option.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : $" {name}";
    }

    private static void Title(StringBuilder page, string title) => page.AppendLine().Append(title).AppendLine(":");

    private static void Rows(StringBuilder page, string title, IEnumerable<(string Name, string Meaning)> rows)
    {
        (string Name, string Meaning)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        Title(page, title);
        int column = 4 + Math.Min(WidestName, all.Max(r => r.Name.Length));
        foreach ((string name, string meaning) in all)
        {
            page.Append("  ").Append(name);
            if (name.Length > column - 4)
            {
                page.AppendLine();
                AppendWrapped(page, meaning, column);
            }
            else
            {
                page.Append(' ', column - 2 - name.Length);
                AppendWrapped(page, meaning, column, started: true);
            }
        }
    }

    private static void AppendWrapped(StringBuilder page, string text, int indent, bool started = false)
    {
        foreach (string paragraph in text.Split('\n'))
        {
            int at = started ? indent : 0;
            started = false;
            foreach (string word in paragraph.Split(' '))
            {
                if (at > indent && at + 1 + word.Length > Width)
                {
                    page.AppendLine();
                    at = 0;
                }

                if (at == 0)
                {
                    page.Append(' ', indent);
                    at = indent;
                }
                else if (at > indent)
                {
                    page.Append(' ');
                    at++;
                }

                page.Append(word);
                at += word.Length;
            }

            page.AppendLine();
        }
    }
}
