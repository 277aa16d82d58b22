using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Pollers as tables. Gaps are times between two rounds of a poller that is awake, in microseconds.</summary>
internal static class PollerTables
{
    /// <summary>Since they started; busy during the last second.</summary>
    public static Table Counters(IEnumerable<PollerStats> pollers)
    {
        Table table = Make("SLEEPS", "MOVED-IN");
        foreach (PollerStats one in pollers)
        {
            table.Add(
                Text(one.Poller), Core(one.Core), Text(one.Queues), Tenths(one.BusyPercent), Text(one.Sleeps), Text(one.MovedIn),
                Gap(one.GapMicroseconds(0.5)), Gap(one.GapMicroseconds(0.99)), Gap(one.LongestGapMicroseconds));
        }

        return table;
    }

    /// <summary>Between two readings.</summary>
    public static Table Rates(IEnumerable<PollerRates> pollers)
    {
        Table table = Make("SLEEPS/s", "MOVED-IN");
        foreach (PollerRates one in pollers)
        {
            table.Add(
                Text(one.Poller), Core(one.Core), Text(one.Queues), Tenths(one.BusyPercent), Text((long)one.SleepsPerSecond), Text(one.MovedIn),
                Gap(one.GapP50Microseconds), Gap(one.GapP99Microseconds), Gap(one.GapMaxMicroseconds));
        }

        return table;
    }

    private static Table Make(string sleeps, string moved) => new(
        "POLLER", Number("CORE"), Number("QUEUES"), Number("BUSY-%"), Number(sleeps), Number(moved), Number("GAP-P50-US"), Number("GAP-P99-US"),
        Number("GAP-MAX-US"));

    private static Column Number(string title) => new(title, IsNumber: true);

    private static Cell Core(int? core) => core is { } number ? Text(number) : Cell.None;

    private static Cell Gap(double microseconds) => microseconds > 0 ? Tenths(microseconds) : Cell.None;

    private static Cell Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Cell Tenths(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
