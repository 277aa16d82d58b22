using System.Text;
using SoftIov.Linux;

namespace SoftIov.Cli;

/// <summary>
/// Where a command writes. Standard output carries the result and nothing else; everything about the way there goes to standard error.
/// Writers are buffered: <see cref="CommandLine"/> flushes at the end, views that refresh themselves after every frame.
/// </summary>
internal sealed record Terminal
{
    private const int UsualColumns = 80;
    private const int UsualRows = 24;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The result.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Errors, warnings, progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input, for <c>-f -</c>.</summary>
    public required Func<TextReader> In { get; init; }

    /// <summary>Standard output for bytes; a reader that went away is an <see cref="IOException"/>.</summary>
    public required Func<Stream> RawOut { get; init; }

    /// <summary>Columns and rows as they are now.</summary>
    public Func<(int Columns, int Rows)> Size { get; init; } = static () => (UsualColumns, UsualRows);

    /// <summary>Whether a person looks at <see cref="Out"/>.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether colours are wanted (no NO_COLOR, see no-color.org).</summary>
    public bool HasColor { get; init; }

    /// <summary>Where programs are looked for, as $PATH has it; null for nowhere.</summary>
    public string? SearchPath { get; init; }

    /// <summary>The process's own.</summary>
    public static Terminal OfProcess()
    {
        bool interactive = StandardStream.Output.TerminalSize is not null &&
            Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Terminal
        {
            Out = new StreamWriter(StandardStream.Output, Utf8) { AutoFlush = false },
            Error = new StreamWriter(StandardStream.Error, Utf8) { AutoFlush = true },
            In = static () => new StreamReader(Console.OpenStandardInput(), Utf8),
            RawOut = static () => StandardStream.Output,
            Size = SizeOf,
            IsInteractive = interactive,
            SearchPath = Environment.GetEnvironmentVariable("PATH"),
            HasColor = interactive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        };
    }

    /// <summary>A terminal may not know its own size: a serial line has 0 rows.</summary>
    private static (int Columns, int Rows) SizeOf()
    {
        (int columns, int rows) = StandardStream.Output.TerminalSize ?? default;
        return (columns > 0 ? columns : UsualColumns, rows > 0 ? rows : UsualRows);
    }

    /// <summary>Tells about something that will not work as wanted.</summary>
    public void Warn(string text) => Error.WriteLine($"warning: {text}");
}
