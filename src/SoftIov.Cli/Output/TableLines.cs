using Spectre.Console;
using Spectre.Console.Rendering;

namespace SoftIov.Cli.Output;

/// <summary>A table as coloured lines with the layout of <see cref="PlainText"/>: one line per row, nothing wrapped.</summary>
/// <param name="table">The table.</param>
/// <param name="isCut">Whether lines end at the terminal's edge, as they must where they are drawn over.</param>
internal sealed class TableLines(Table table, bool isCut) : Renderable
{
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth)
    {
        int width = PlainText.WidthsOf(table).Sum() + (PlainText.Gap * (table.Columns.Count - 1));
        return new Measurement(isCut ? Math.Min(width, maxWidth) : width, isCut ? Math.Min(width, maxWidth) : width);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        int[] widths = PlainText.WidthsOf(table);
        List<Segment> heading = Line([.. table.Columns.Select(c => (Cell)c.Title)], widths, _ => Heading);
        foreach (List<Segment> line in table.Rows.Select(row => Line(row, widths, StyleOf)).Prepend(heading))
        {
            foreach (Segment segment in isCut ? Segment.Truncate(line, maxWidth) : line)
            {
                yield return segment;
            }

            yield return Segment.LineBreak;
        }
    }

    private List<Segment> Line(Cell[] cells, int[] widths, Func<Cell, Style> style)
    {
        var line = new List<Segment>();
        for (int i = 0; i < cells.Length; i++)
        {
            (int before, int after) = PlainText.PaddingOf(table, i, widths[i] - cells[i].Text.Length);
            line.Add(new Segment(new string(' ', before)));
            line.Add(new Segment(cells[i].Text, style(cells[i])));
            line.Add(new Segment(new string(' ', after)));
        }

        return line;
    }

    private static Style StyleOf(Cell cell) => cell.Tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        Tone.Muted => new Style(decoration: Decoration.Dim),
        _ => Style.Plain,
    };
}
