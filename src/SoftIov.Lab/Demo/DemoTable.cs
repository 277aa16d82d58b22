using System.Globalization;

namespace SoftIov.Lab.Demo;

/// <summary>The summary for people.</summary>
internal static class DemoTable
{
    private const int NameWidth = 28;

    /// <summary>Writes a line for each thing found, and the verdict.</summary>
    public static void Write(DemoSummary summary, DemoOutput output)
    {
        output.Line();
        foreach ((string name, object? value) in summary.Rows)
            output.Line($"  {name.PadRight(NameWidth)} {Text(value)}");
        output.Line();
        output.Line(summary.Ok
            ? Text((FormattableString)$"All held, in {summary.Seconds:0.0} s.")
            : $"Did not hold: {string.Join(", ", summary.Failed)}.");
    }

    private static string Text(object? value) => value switch
    {
        null or "" => "-",
        bool isTrue => isTrue ? "yes" : "no",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
