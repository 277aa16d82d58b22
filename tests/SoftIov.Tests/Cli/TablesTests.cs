using System.Text.RegularExpressions;
using SoftIov.Cli;
using SoftIov.Cli.Output;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>Tables in pipes, at terminals, and drawn over themselves.</summary>
public partial class TablesTests
{
    [Fact]
    public void Columns_are_aligned_and_lines_end_where_the_text_ends()
    {
        string text = PlainText.Of(Sample(), Sample());

        Assert.Equal("NAME      COUNT  NOTE\na             1  -\nlonger    12345  ok\n", text.Split("\n\n")[0] + "\n");
        Assert.All(text.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void A_terminal_sees_the_same_layout_with_colours()
    {
        var output = new StringWriter();
        Tables.Show(Person(output, 200), Sample(), Sample());

        Assert.Contains("\u001b[32mok\u001b[0m", output.ToString());
        Assert.Equal(PlainText.Of(Sample(), Sample()), Escape().Replace(output.ToString(), ""));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(12)]
    [InlineData(5)]
    public async Task What_is_drawn_over_stays_within_the_edge(int columns)
    {
        var output = new StringWriter();
        await ColorTables.LiveAsync(Person(output, columns), show =>
        {
            show([Sample()]);
            show([Sample(), Sample()]);
            return Task.CompletedTask;
        });

        string[] lines = Escape().Replace(output.ToString(), "").Split('\n', '\r');
        Assert.All(lines, line => Assert.True(line.Length <= columns, line));
        Assert.Contains(lines, line => line.StartsWith("NAME", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_table_is_its_heading() => Assert.Equal("A  B\n", PlainText.Of(new Table("A", "B")));

    private static Table Sample()
    {
        var table = new Table("NAME", new Column("  COUNT", IsNumber: true), "NOTE");
        table.Add("a", "1", Cell.None);
        table.Add("longer", "12345", new Cell("ok", Tone.Good));
        return table;
    }

    private static Terminal Person(StringWriter output, int columns) =>
        TerminalModel.Of(output, new StringWriter(), color: true) with { Size = () => (columns, 24) };

    [GeneratedRegex("\u001b\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escape();
}
