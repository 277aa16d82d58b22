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
        foreach ((string name, string value) in Rows(summary))
            output.Line($"  {name.PadRight(NameWidth)} {value}");
        output.Line();
        output.Line(summary.Ok
            ? Text($"All held, in {summary.Seconds:0.0} s.")
            : $"Did not hold: {string.Join(", ", summary.Failed)}.");
    }

    private static IEnumerable<(string Name, string Value)> Rows(DemoSummary summary) =>
    [
        ("guests", summary.Guests),
        ("VFs attached", Text($"{summary.VfsAttached}")),
        ("ping", summary.PingLossPercent is { } loss ? Text($"{loss:0.#} % lost, {summary.PingMilliseconds:0.000} ms") : "-"),
        ("TCP, one stream", summary.TcpMbitPerSecond > 0 ? Text($"{summary.TcpMbitPerSecond:0} Mbit/s") : "-"),
        ("a VLAN isolates", YesNo(summary.VlanIsolated)),
        ("spoofed frames dropped", Text($"{summary.SpoofDropped}")),
        ("hot-plug", YesNo(summary.HotPlugged)),
        ("kill -9 and a fresh guest", summary.SurvivedKill ? Text($"yes, VF attached again after {summary.ReattachSeconds:0.0} s") : "no"),
        ("daemon's CPU when idle", summary.IdleCpuPercent is { } idle ? Text($"{idle:0.0} %") : "-"),
    ];

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
