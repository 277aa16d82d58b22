using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Counters and rates as tables.</summary>
internal static class StatsTables
{
    /// <summary>Counters since the functions were made and the pollers began.</summary>
    public static IReadOnlyList<Table> Counters(StatsResult stats) =>
        WithRows(Net(stats.Functions), Nvme(stats.Functions), PollerTables.Counters(stats.Pollers ?? []));

    /// <summary>Rates per second.</summary>
    public static IReadOnlyList<Table> Rates(StatsRates rates) =>
        WithRows(
            Net(rates.Functions.OfType<NetRates>()), Nvme(rates.Functions.OfType<NvmeRates>()), PollerTables.Rates(rates.Pollers ?? []));

    private static Table Net(IEnumerable<FunctionStats> functions)
    {
        var table = new Table(
            "FUNCTION", Number("RX-FRAMES"), Number("RX-BYTES"), Number("RX-DROP"), Number("MULTICAST"), Number("BROADCAST"),
            Number("TX-FRAMES"), Number("TX-BYTES"), Number("TX-DROP"), Number("SPOOF"), Number("VLAN"));
        foreach (FunctionStats function in functions)
        {
            if (function.Counters is not NetCounters c)
                continue;
            table.Add(
                function.Target, Count(c.RxPackets), Count(c.RxBytes), Lost(c.RxDropped), Count(c.Multicast), Count(c.Broadcast),
                Count(c.TxPackets), Count(c.TxBytes), Lost(c.TxDropped), Lost(c.SpoofDropped), Lost(c.VlanDropped));
        }

        return table;
    }

    private static Table Net(IEnumerable<NetRates> functions)
    {
        var table = new Table(
            "FUNCTION", Number("RX-FRAMES/s"), Number("RX-MBIT/s"), Number("RX-DROP/s"),
            Number("TX-FRAMES/s"), Number("TX-MBIT/s"), Number("TX-DROP/s"), Number("SPOOF/s"), Number("VLAN/s"));
        foreach (NetRates f in functions)
        {
            table.Add(
                f.Target, Count(f.RxPacketsPerSecond), Mega(f.RxBitsPerSecond), Lost(f.RxDroppedPerSecond),
                Count(f.TxPacketsPerSecond), Mega(f.TxBitsPerSecond), Lost(f.TxDroppedPerSecond),
                Lost(f.SpoofDroppedPerSecond), Lost(f.VlanDroppedPerSecond));
        }

        return table;
    }

    private static Table Nvme(IEnumerable<FunctionStats> functions)
    {
        var table = new Table(
            "FUNCTION", Number("READS"), Number("READ-BYTES"), Number("WRITES"), Number("WRITTEN-BYTES"), Number("FLUSHES"), Number("OTHERS"),
            Number("ERRORS"), Number("MEDIA-ERRORS"), Number("P50-US"), Number("P99-US"));
        foreach (FunctionStats function in functions)
        {
            if (function.Counters is not NvmeCounters c)
                continue;
            table.Add(
                function.Target, Count(c.Reads), Count(c.ReadBytes), Count(c.Writes), Count(c.WriteBytes), Count(c.Flushes), Count(c.Others),
                Lost(c.Errors), Lost(c.MediaErrors), Latency(c, 0.5), Latency(c, 0.99));
        }

        return table;
    }

    private static Table Nvme(IEnumerable<NvmeRates> functions)
    {
        var table = new Table(
            "FUNCTION", Number("READS/s"), Number("READ-MB/s"), Number("WRITES/s"), Number("WRITE-MB/s"), Number("FLUSHES/s"), Number("ERRORS/s"));
        foreach (NvmeRates f in functions)
        {
            table.Add(
                f.Target, Count(f.ReadsPerSecond), Mega(f.ReadBytesPerSecond), Count(f.WritesPerSecond), Mega(f.WriteBytesPerSecond),
                Count(f.FlushesPerSecond), Lost(f.ErrorsPerSecond));
        }

        return table;
    }

    /// <summary>Tables that have rows; the first when none has.</summary>
    private static IReadOnlyList<Table> WithRows(params Table[] tables) =>
        tables.Any(t => t.Rows.Count > 0) ? [.. tables.Where(t => t.Rows.Count > 0)] : [tables[0]];

    private static Cell Latency(NvmeCounters counters, double share) =>
        counters.LatencyMicroseconds(share) is > 0 and var microseconds ? $"<{Count(microseconds)}" : Cell.None;

    private static Column Number(string title) => new(title, IsNumber: true);

    private static string Count(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private static string Mega(double value) => (value / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    private static Cell Lost(double value) => new(Count(value), value > 0 ? Tone.Warning : Tone.Plain);
}
