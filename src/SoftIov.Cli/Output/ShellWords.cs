using System.Buffers;
using System.Text;

namespace SoftIov.Cli.Output;

/// <summary>Arguments as a POSIX shell reads them.</summary>
internal static class ShellWords
{
    private static readonly SearchValues<char> Bare =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-");

    /// <summary>One argument, in single quotes where it needs them (POSIX.1-2024 XCU 2.2.2).</summary>
    public static string Quote(string word) =>
        word.Length > 0 && !word.AsSpan().ContainsAnyExcept(Bare) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>One option with its value per line, lines joined by backslashes.</summary>
    public static string Lines(IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder();
        foreach (string argument in arguments)
        {
            if (text.Length > 0)
            {
                text.Append(argument.StartsWith('-') ? " \\\n" : " ");
            }

            text.Append(Quote(argument));
        }

        return text.Append('\n').ToString();
    }
}
