using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Counters and rates as tables.</summary>
internal static class StatsTables
{
    /// <summary>Counters since the functions were made.</summary>
    public static IReadOnlyList<Table> Counters(StatsResult stats) => [Net(stats.Functions)];

    /// <summary>Rates per second.</summary>
    public static IReadOnlyList<Table> Rates(StatsRates rates) => [Net(rates.Functions.OfType<NetRates>())];

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
                f.Target, Count(f.RxPacketsPerSecond), Megabits(f.RxBitsPerSecond), Lost(f.RxDroppedPerSecond),
                Count(f.TxPacketsPerSecond), Megabits(f.TxBitsPerSecond), Lost(f.TxDroppedPerSecond),
                Lost(f.SpoofDroppedPerSecond), Lost(f.VlanDroppedPerSecond));
        }

        return table;
    }

    private static Column Number(string title) => new(title, IsNumber: true);

    private static string Count(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private static string Megabits(double bits) => (bits / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    private static Cell Lost(double value) => new(Count(value), value > 0 ? Tone.Warning : Tone.Plain);
}
