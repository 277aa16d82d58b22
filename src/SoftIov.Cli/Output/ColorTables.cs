using Spectre.Console;
using Spectre.Console.Rendering;

namespace SoftIov.Cli.Output;

/// <summary>
/// Tables for people at a terminal, by Spectre.Console. Kept apart from everything else, so that its start-up is paid for only here.
/// </summary>
internal static class ColorTables
{
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>Writes them below each other.</summary>
    public static void Show(Terminal terminal, IReadOnlyList<Table> tables)
    {
        IAnsiConsole console = ConsoleOf(terminal);
        console.Write(Rendered(tables));
        console.WriteLine();
    }

    /// <summary>A console over the terminal's output.</summary>
    public static IAnsiConsole ConsoleOf(Terminal terminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(terminal.Out),
        Ansi = AnsiSupport.Yes,
        ColorSystem = terminal.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
    });

    /// <summary>The tables as one thing to draw.</summary>
    public static IRenderable Rendered(IReadOnlyList<Table> tables)
    {
        var parts = new List<IRenderable>();
        foreach (Table table in tables)
        {
            if (parts.Count > 0)
            {
                parts.Add(new Text("\n"));
            }

            parts.Add(Rendered(table));
        }

        return new Rows(parts);
    }

    private static Spectre.Console.Table Rendered(Table table)
    {
        var view = new Spectre.Console.Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (Column column in table.Columns)
        {
            view.AddColumn(new TableColumn(new Text(column.Title, Heading))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, 2, 0),
                NoWrap = true,
            });
        }

        foreach (Cell[] row in table.Rows)
        {
            view.AddRow(row.Select(c => new Text(c.Text, StyleOf(c.Tone))));
        }

        return view;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        Tone.Muted => new Style(decoration: Decoration.Dim),
        _ => Style.Plain,
    };
}
