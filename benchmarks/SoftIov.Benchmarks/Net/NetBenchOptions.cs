using SoftIov.Benchmarks.Report;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>What <c>bench net</c> was asked for.</summary>
internal sealed record NetBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage =
        "[--json] [--seconds N] [--warm-up N] [--runs N] [--sizes 64,256,1518,65536] [--ring split,packed] [--mode flood,ping]\n"
        + "           [--inline] [--checksum] [--layout oneBuffer|twoBuffers|indirect]";

    /// <summary>A JSON document on the last line.</summary>
    public bool Json { get; private init; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private init; }

    /// <summary>Until the runtime has compiled the loops for good; longer on a machine that does other things too.</summary>
    public double WarmUpSeconds { get; private init; }

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private init; }

    /// <summary>Frame sizes as on a wire, with 4 bytes of checksum that are not in memory; 65536 stands for a segmentation frame.</summary>
    public int[] Sizes { get; private init; } = [];

    /// <summary>Rings to measure: split, packed.</summary>
    public string[] Rings { get; private init; } = [];

    /// <summary>Modes to measure: flood, ping.</summary>
    public string[] Modes { get; private init; } = [];

    /// <summary>Frames ask for their checksum to be completed, as those of Linux do.</summary>
    public bool Checksum { get; private init; }

    /// <summary>How frames lie in transmit buffers.</summary>
    public TransmitLayout Layout { get; private init; }

    /// <summary>Drivers and poller take turns on one thread: exact cost of the parts, no traffic between caches.</summary>
    public bool Inline { get; private init; }

    /// <summary>Reads the command line.</summary>
    public static NetBenchOptions Parse(BenchWords words) => new()
    {
        Json = words.Flag("--json"),
        Seconds = words.Number("--seconds", 1, BenchOptions.LeastSeconds),
        WarmUpSeconds = words.Number("--warm-up", 1.2, least: 0),
        Runs = words.Number("--runs", 5, least: 1),
        Sizes = words.Numbers("--sizes", [64, 256, 1518, NetFrame.LargeSize], least: 64, most: NetFrame.LargeSize),
        Rings = words.Some("--ring", "split", "packed"),
        Modes = words.Some("--mode", "flood", "ping"),
        Checksum = words.Flag("--checksum"),
        Layout = Enum.Parse<TransmitLayout>(words.One("--layout", "oneBuffer", "twoBuffers", "indirect"), ignoreCase: true),
        Inline = words.Flag("--inline"),
    };
}
