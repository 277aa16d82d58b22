using System.Globalization;
using SoftIov.Api;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>Pollers as the control protocol shows them.</summary>
internal sealed class PollerStatistics(PollScheduler scheduler, IReadOnlyList<int>? cores)
{
    /// <summary>What each poller did.</summary>
    public IReadOnlyList<PollerStats> All => [.. scheduler.ReportPollers().Select(StatsOf)];

    /// <summary>Where the queues of a function are, for people; nothing while it has none.</summary>
    public IEnumerable<DescribeSection> QueuesOf(string function)
    {
        string inside = $"{function}/";
        List<DescribeRow> rows =
        [
            .. scheduler.ReportPollables(function)
                .Where(queue => queue.Name == function || queue.Name.StartsWith(inside, StringComparison.Ordinal))
                .OrderBy(queue => queue.Name, StringComparer.Ordinal)
                .Select(queue => new DescribeRow(queue.Name, $"poller {queue.Poller}, busy {Percent(100 * queue.BusyShare)}")),
        ];
        return rows.Count == 0 ? [] : [new("pollers", rows)];
    }

    /// <summary>All pollers, for people.</summary>
    public DescribeSection Section() => new("pollers", [.. All.Select(one => new DescribeRow($"poller {one.Poller}", TextOf(one)))]);

    private static string TextOf(PollerStats one)
    {
        string core = one.Core is { } number ? $"core {number}" : "any core";
        string gaps = one.Gaps.Count == 0
            ? "no rounds yet"
            : $"half of the gaps below {Time(one.GapMicroseconds(0.5))}, 99 % below {Time(one.GapMicroseconds(0.99))}, "
                + $"longest {Time(one.LongestGapMicroseconds)}";
        return $"{core}, busy {Percent(one.BusyPercent)}, {one.Queues} queues, {one.MovedIn} moved in, {gaps}";
    }

    private PollerStats StatsOf(PollerReport report) => new(
        report.Index,
        report.Pollables,
        Math.Round(100 * report.BusyShare, 1),
        report.Busy.TotalSeconds,
        report.Asleep.TotalSeconds,
        report.Sleeps,
        report.Arrivals,
        report.LongestGap.TotalMicroseconds,
        [.. report.Gaps.Select(gap => new PollGap(gap.Below.TotalMicroseconds, gap.Count))],
        cores?[report.Index]);

    private static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} %");

    private static string Time(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.0} us");
}
