using System.Text.Json;
using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Peers;

/// <summary>What <c>./bench net --peers</c> found: the table, ratios to each peer, and the document with all of it.</summary>
internal sealed class PeersReport(int runs)
{
    private const string Own = "softiov";

    private readonly List<PeerResult> _results = [];

    /// <summary>Rate of the time-stamp counter; 0 before the first result.</summary>
    public double TscMegahertz { get; set; }

    /// <summary>Whether there is nothing to tell.</summary>
    public bool IsEmpty => _results.Count == 0;

    /// <summary>Head of the table.</summary>
    public static string Head =>
        $"{"switch",-8} {"mode",-5} {"ring",-7} {"size",6} {"Mpps",8} {"ns/frame",8} {"busy ns",8} {"busy cycles",11} {"frames/busy us",14}";

    /// <summary>
    /// Rates of ours over a peer's, by peer and size: the smallest of all modes and rings. Null where a peer moved nothing: what it can do is
    /// not known then.
    /// </summary>
    public IReadOnlyDictionary<string, double?> Ratios => RatiosOf(result => result.Mpps);

    /// <summary>The same of frames per microsecond of work, which says more where the client is the limit.</summary>
    public IReadOnlyDictionary<string, double?> BusyRatios => RatiosOf(result => result.FramesPerBusyMicrosecond);

    /// <summary>Adds a figure; returns its line of the table.</summary>
    public string Add(PeerResult result)
    {
        _results.Add(result);
        return $"{result.Switch,-8} {result.Mode,-5} {result.Ring,-7} {result.Size,6} {result.Mpps,8:F2} {Cell(result.NsPerFrame, 8)} "
            + $"{Cell(result.BusyNsPerFrame, 8)} {Cell(result.BusyCyclesPerFrame, 11)} {Cell(result.FramesPerBusyMicrosecond, 14)}";
    }

    /// <summary>The ratios, a line each.</summary>
    public IEnumerable<string> RatioLines()
    {
        IReadOnlyDictionary<string, double?> busy = BusyRatios;
        yield return $"{"ratio to",-12} {"Mpps",8} {"frames/busy us",14}";
        foreach ((string name, double? ratio) in Ratios)
            yield return $"{name,-12} {Cell(ratio, 8, "F2")} {Cell(busy.GetValueOrDefault(name), 14, "F2")}";
    }

    /// <summary>The document, one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            bench = "peers",
            runs,
            machine = MachineFacts.Read(),
            tscMegahertz = TscMegahertz,
            ratios = Ratios,
            busyRatios = BusyRatios,
            results = _results,
        },
        JsonSerializerOptions.Web);

    private static string Cell(double? figure, int width, string format = "F1") => (figure?.ToString(format) ?? "-").PadLeft(width);

    private static bool IsCaseOf(PeerResult own, PeerResult other) => (own.Mode, own.Ring, own.Size) == (other.Mode, other.Ring, other.Size);

    private SortedDictionary<string, double?> RatiosOf(Func<PeerResult, double?> figure)
    {
        IEnumerable<(string Name, double? Ratio)> all =
            from own in _results
            where own.Switch == Own
            from other in _results
            where other.Switch != Own && IsCaseOf(own, other)
            select ($"{other.Switch}{own.Size}", figure(other) > 0 ? figure(own) / figure(other) : null);
        var ratios = new SortedDictionary<string, double?>(StringComparer.Ordinal);
        foreach (IGrouping<string, (string Name, double? Ratio)> one in all.GroupBy(ratio => ratio.Name))
            ratios[one.Key] = one.All(ratio => ratio.Ratio is not null) ? Math.Round(one.Min(ratio => ratio.Ratio!.Value), 2) : null;
        return ratios;
    }
}
