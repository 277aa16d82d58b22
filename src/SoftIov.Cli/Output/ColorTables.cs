using Spectre.Console;
using Spectre.Console.Rendering;

namespace SoftIov.Cli.Output;

/// <summary>
/// Tables for people at a terminal, by Spectre.Console. Kept apart from everything else, so that its start-up is paid for only here.
/// </summary>
internal static class ColorTables
{
    private const int Gap = 2;
    private const int NarrowestText = 24;

    private static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>Writes them below each other.</summary>
    public static void Show(Terminal terminal, IReadOnlyList<Table> tables)
    {
        IAnsiConsole console = ConsoleOf(terminal);
        foreach (Table table in tables)
        {
            if (!ReferenceEquals(table, tables[0]))
            {
                console.WriteLine();
            }

            // A terminal that is too narrow breaks lines itself: better than a column of single letters.
            console.Profile.Width = Math.Max(console.Profile.Width, NarrowestWidth(table));
            console.Write(Rendered(table, Overflow.Fold));
        }
    }

    /// <summary>Redraws in place what <paramref name="loop"/> gives it, until that ends.</summary>
    public static Task LiveAsync(Terminal terminal, Func<Action<IReadOnlyList<Table>>, Task> loop) =>
        ConsoleOf(terminal).Live(new Text("")).Overflow(VerticalOverflow.Ellipsis).StartAsync(live => loop(tables =>
        {
            live.UpdateTarget(new Rows(tables.SelectMany(t => new IRenderable[] { Rendered(t, Overflow.Ellipsis), new Text("") }).SkipLast(1)));
            live.Refresh();
            terminal.Out.Flush();
        }));

    private static IAnsiConsole ConsoleOf(Terminal terminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new TerminalOutput(terminal),
        Ansi = AnsiSupport.Yes,
        ColorSystem = terminal.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
    });

    private static int NarrowestWidth(Table table)
    {
        int width = NarrowestText;
        for (int i = 0; i < table.Columns.Count - 1; i++)
        {
            width += Gap + table.Rows.Select(r => r[i].Text.Length).Append(table.Columns[i].Title.Length).Max();
        }

        return width;
    }

    private static Spectre.Console.Table Rendered(Table table, Overflow overflow)
    {
        var view = new Spectre.Console.Table { Border = TableBorder.None, ShowHeaders = true };
        for (int i = 0; i < table.Columns.Count; i++)
        {
            bool last = i == table.Columns.Count - 1;
            view.AddColumn(new TableColumn(new Text(table.Columns[i].Title, Heading) { Overflow = overflow })
            {
                Alignment = table.Columns[i].IsNumber ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, last ? 0 : Gap, 0),
                NoWrap = !last,
            });
        }

        foreach (Cell[] row in table.Rows)
        {
            view.AddRow(row.Select(c => new Text(c.Text, StyleOf(c.Tone)) { Overflow = overflow }));
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
