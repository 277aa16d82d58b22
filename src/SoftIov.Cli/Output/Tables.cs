namespace SoftIov.Cli.Output;

/// <summary>Shows tables where the command's output goes.</summary>
internal static class Tables
{
    /// <summary>As plain text to pipes, with colours to people.</summary>
    public static void Show(Terminal terminal, params IReadOnlyList<Table> tables)
    {
        if (terminal.IsInteractive && terminal.HasColor)
        {
            ColorTables.Show(terminal, tables);
        }
        else
        {
            terminal.Out.Write(PlainText.Of(tables));
        }
    }
}
