using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>What <c>bench net</c> was asked for.</summary>
internal sealed record NetBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage =
        "[--json] [--seconds N] [--warm-up N] [--runs N] [--sizes 64,256,1518,65536] [--ring split|packed] [--mode flood|ping] [--inline]\n"
        + "           [--checksum] [--layout oneBuffer|twoBuffers|indirect]\n"
        + "       bench net --peers [--json] [--seconds N] [--runs N] [--sizes 64,256,1518] [--ring split|packed] [--mode uni|loop]\n"
        + "           [--switch ovs,vhostIo,softiov]";

    /// <summary>A JSON document on the last line.</summary>
    public bool Json { get; private set; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private set; } = 1;

    /// <summary>Until the runtime has compiled the loops for good; longer on a machine that does other things too.</summary>
    public double WarmUpSeconds { get; private set; } = 1.2;

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private set; } = 5;

    /// <summary>Frame sizes as on a wire, with 4 bytes of checksum that are not in memory; 65536 stands for a segmentation frame.</summary>
    public int[] Sizes { get; private set; } = [64, 256, 1518, 65536];

    /// <summary>Rings to measure: split, packed.</summary>
    public string[] Rings { get; private set; } = ["split", "packed"];

    /// <summary>Modes to measure: flood, ping.</summary>
    public string[] Modes { get; private set; } = ["flood", "ping"];

    /// <summary>Frames ask for their checksum to be completed, as those of Linux do.</summary>
    public bool Checksum { get; private set; }

    /// <summary>How frames lie in transmit buffers.</summary>
    public TransmitLayout Layout { get; private set; }

    /// <summary>Drivers and poller take turns on one thread: exact cost of the parts, no traffic between caches.</summary>
    public bool Inline { get; private set; }

    /// <summary>Against other switches, with DPDK's testpmd as the driver of all.</summary>
    public bool Peers { get; private set; }

    /// <summary>With <see cref="Peers"/>, the switches to measure: ovs, vhostIo, softiov.</summary>
    public string[] Switches { get; private set; } = ["ovs", "vhostIo", "softiov"];

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
                    case "--checksum":
                        options.Checksum = true;
                        break;
                    case "--layout":
                        options.Layout = Enum.Parse<TransmitLayout>(arguments[++i], ignoreCase: true);
                        break;
                    case "--peers":
                        options.Peers = true;
                        (options.Sizes, options.Modes, options.Runs) = ([64, 256, 1518], ["uni", "loop"], 3);
                        break;
                    case "--inline":
                        options.Inline = true;
                        break;
                    case "--seconds":
                        options.Seconds = double.Parse(arguments[++i]);
                        break;
                    case "--warm-up":
                        options.WarmUpSeconds = double.Parse(arguments[++i]);
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
                    case "--switch":
                        options.Switches = arguments[++i].Split(',');
                        break;
                    case "--mode":
                        options.Modes = [arguments[++i]];
                        break;
                    default:
                        return false;
                }
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            return false;
        }

        return options.Runs > 0 && options.Seconds > 0 && options.Switches.All(name => name is "ovs" or "vhostIo" or "softiov");
    }
}
