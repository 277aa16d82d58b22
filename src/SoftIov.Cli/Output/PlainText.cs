using System.Text;

namespace SoftIov.Cli.Output;

/// <summary>Tables as text for pipes and files: columns two spaces apart, nothing cut off, no colours, no frames.</summary>
internal static class PlainText
{
    /// <summary>Spaces between columns.</summary>
    public const int Gap = 2;

    /// <summary>The tables, an empty line between them.</summary>
    public static string Of(params IEnumerable<Table> tables)
    {
        var text = new StringBuilder();
        foreach (Table table in tables)
        {
            if (text.Length > 0)
            {
                text.Append('\n');
            }

            Append(text, table);
        }

        return text.ToString();
    }

    /// <summary>Width of every column.</summary>
    public static int[] WidthsOf(Table table) =>
        [.. table.Columns.Select((c, i) => table.Rows.Select(r => r[i].Text.Length).Append(c.Title.Length).Max())];

    /// <summary>Spaces before and after a cell that is <paramref name="missing"/> shorter than its column; none end a line.</summary>
    public static (int Before, int After) PaddingOf(Table table, int column, int missing)
    {
        bool isLast = column == table.Columns.Count - 1;
        bool isNumber = table.Columns[column].IsNumber;
        return (isNumber ? missing : 0, isLast ? 0 : (isNumber ? 0 : missing) + Gap);
    }

    private static void Append(StringBuilder text, Table table)
    {
        int[] widths = WidthsOf(table);
        AppendRow(text, table, widths, [.. table.Columns.Select(c => (Cell)c.Title)]);
        foreach (Cell[] row in table.Rows)
        {
            AppendRow(text, table, widths, row);
        }
    }

    private static void AppendRow(StringBuilder text, Table table, int[] widths, Cell[] row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            (int before, int after) = PaddingOf(table, i, widths[i] - row[i].Text.Length);
            text.Append(' ', before).Append(row[i].Text).Append(' ', after);
        }

        text.Append('\n');
    }
}
