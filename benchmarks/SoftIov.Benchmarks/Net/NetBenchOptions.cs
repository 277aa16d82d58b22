namespace SoftIov.Benchmarks.Net;

/// <summary>What <c>bench net</c> was asked for.</summary>
internal sealed record NetBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage = "[--json] [--seconds N] [--runs N] [--sizes 64,256,1518,65536] [--ring split|packed] [--mode flood|ping] [--inline]";

    /// <summary>One JSON document instead of a table.</summary>
    public bool Json { get; private set; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private set; } = 1;

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private set; } = 5;

    /// <summary>Frame sizes as on a wire, with 4 bytes of checksum that are not in memory; 65536 stands for a segmentation frame.</summary>
    public int[] Sizes { get; private set; } = [64, 256, 1518, 65536];

    /// <summary>Rings to measure: split, packed.</summary>
    public string[] Rings { get; private set; } = ["split", "packed"];

    /// <summary>Modes to measure: flood, ping.</summary>
    public string[] Modes { get; private set; } = ["flood", "ping"];

    /// <summary>Drivers and poller take turns on one thread: exact cost of the parts, no traffic between caches.</summary>
    public bool Inline { get; private set; }

    /// <summary>Reads the command line.</summary>
    public static bool TryParse(string[] arguments, out NetBenchOptions options)
    {
        options = new NetBenchOptions();
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                switch (arguments[i])
                {
                    case "--json":
                        options.Json = true;
                        break;
                    case "--inline":
                        options.Inline = true;
                        break;
                    case "--seconds":
                        options.Seconds = double.Parse(arguments[++i]);
                        break;
                    case "--runs":
                        options.Runs = int.Parse(arguments[++i]);
                        break;
                    case "--sizes":
                        options.Sizes = Array.ConvertAll(arguments[++i].Split(','), int.Parse);
                        break;
                    case "--ring":
                        options.Rings = [arguments[++i]];
                        break;
                    case "--mode":
                        options.Modes = [arguments[++i]];
                        break;
                    default:
                        return false;
                }
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or IndexOutOfRangeException)
        {
            return false;
        }

        return options.Runs > 0 && options.Seconds > 0;
    }
}
