using Spectre.Console;
using Spectre.Console.Rendering;

namespace SoftIov.Cli.Output;

/// <summary>
/// Tables for people at a terminal, by Spectre.Console. Kept apart from everything else, so that its start-up is paid for only here.
/// </summary>
internal static class ColorTables
{
    /// <summary>Writes them below each other. A terminal that is too narrow breaks lines itself.</summary>
    public static void Show(Terminal terminal, IReadOnlyList<Table> tables) => ConsoleOf(terminal).Write(Rendered(tables, isCut: false));

    /// <summary>Redraws in place what <paramref name="loop"/> gives it, until that ends.</summary>
    public static Task LiveAsync(Terminal terminal, Func<Action<IReadOnlyList<Table>>, Task> loop) =>
        ConsoleOf(terminal).Live(new Text("")).Overflow(VerticalOverflow.Ellipsis).StartAsync(live => loop(tables =>
        {
            live.UpdateTarget(Rendered(tables, isCut: true));
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

    private static Rows Rendered(IReadOnlyList<Table> tables, bool isCut)
    {
        var parts = new List<IRenderable>();
        foreach (Table table in tables)
        {
            if (parts.Count > 0)
            {
                parts.Add(Text.Empty);
            }

            parts.Add(new TableLines(table, isCut));
        }

        return new Rows(parts);
    }
}
