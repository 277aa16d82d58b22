using System.Text.Json;
using SoftIov.Benchmarks.Peers;
using Xunit;

namespace SoftIov.Tests.Benchmarks;

/// <summary>What the comparison with other switches tells: ratios, busy time, and a document whatever was measured.</summary>
public sealed class PeersReportTests
{
    private const double Megahertz = 2000;

    [Fact]
    public void Ratios_are_the_smallest_of_modes_and_rings()
    {
        PeersReport report = ReportOf(
            Result("softiov", "uni", "split", 12, 50),
            Result("ovs", "uni", "split", 4, 200),
            Result("softiov", "loop", "packed", 10, 80),
            Result("ovs", "loop", "packed", 5, 100));
        using JsonDocument document = JsonDocument.Parse(report.ToJson());
        Assert.Equal(2, document.RootElement.GetProperty("ratios").GetProperty("ovs64").GetDouble());
        Assert.Equal(1.25, document.RootElement.GetProperty("busyRatios").GetProperty("ovs64").GetDouble());
        Assert.Equal(Megahertz, document.RootElement.GetProperty("tscMegahertz").GetDouble());
        Assert.NotEmpty(document.RootElement.GetProperty("machine").GetProperty("kernel").GetString()!);
        JsonElement first = document.RootElement.GetProperty("results")[0];
        Assert.Equal(50, first.GetProperty("busyNsPerFrame").GetDouble());
        Assert.Equal(100, first.GetProperty("busyCyclesPerFrame").GetDouble());
        Assert.Equal(20, first.GetProperty("framesPerBusyMicrosecond").GetDouble());
        Assert.Equal(0.01, first.GetProperty("framesPerBusyCycle").GetDouble());
    }

    [Fact]
    public void A_switch_that_moved_nothing_loses_nobody_elses_results()
    {
        PeersReport report = ReportOf(
            Result("softiov", "uni", "split", 12, 50),
            Result("ovs", "uni", "split", 0, null),
            Result("vhostIo", "uni", "split", 8, 100));
        Assert.Null(report.Ratios["ovs64"]);
        Assert.Equal(1.5, report.Ratios["vhostIo64"]);
        using JsonDocument document = JsonDocument.Parse(report.ToJson());
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("ratios").GetProperty("ovs64").ValueKind);
        Assert.Equal(3, document.RootElement.GetProperty("results").GetArrayLength());
        Assert.Contains(report.RatioLines(), line => line.StartsWith("ovs64", StringComparison.Ordinal) && line.Contains(" - "));
    }

    [Fact]
    public void Ours_that_moved_nothing_is_a_ratio_of_nothing()
    {
        PeersReport report = ReportOf(Result("softiov", "uni", "split", 0, null), Result("ovs", "uni", "split", 4, 200));
        Assert.Equal(0, report.Ratios["ovs64"]);
        Assert.Null(report.BusyRatios["ovs64"]);
        Assert.NotEmpty(report.ToJson());
    }

    private static PeersReport ReportOf(params PeerResult[] results)
    {
        var report = new PeersReport(runs: 3) { TscMegahertz = Megahertz };
        foreach (PeerResult result in results)
            report.Add(result);
        return report;
    }

    private static PeerResult Result(string name, string mode, string ring, double mpps, double? busy) =>
        new(name, mode, ring, 64, mpps, busy, busy * Megahertz / 1e3);
}
