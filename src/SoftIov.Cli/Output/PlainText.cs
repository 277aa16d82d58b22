using System.Text;

namespace SoftIov.Cli.Output;

/// <summary>Tables as text for pipes and files: columns two spaces apart, nothing cut off, no colours, no frames.</summary>
internal static class PlainText
{
    private const int Gap = 2;

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

    private static void Append(StringBuilder text, Table table)
    {
        int[] widths = [.. table.Columns.Select((c, i) => table.Rows.Select(r => r[i].Text.Length).Append(c.Title.Length).Max())];
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
            int padding = widths[i] - row[i].Text.Length;
            bool last = i == row.Length - 1;
            text.Append(' ', table.Columns[i].IsNumber ? padding : 0).Append(row[i].Text);
            text.Append(' ', table.Columns[i].IsNumber || last ? 0 : padding).Append(' ', last ? 0 : Gap);
        }

        text.Append('\n');
    }
}
