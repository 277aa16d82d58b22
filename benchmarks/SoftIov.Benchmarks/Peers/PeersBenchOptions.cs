using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Peers;

/// <summary>What <c>bench net --peers</c> was asked for.</summary>
internal sealed record PeersBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage =
        "[--json] [--output FILE] [--seconds N] [--warm-up N] [--runs N] [--sizes 64,256,1518] [--ring split,packed]\n"
        + "           [--mode uni,loop] [--switch ovs,vhostIo,softiov]";

    private const int LongestFrame = 1518;

    /// <summary>The document on the last line too.</summary>
    public bool Json { get; private init; }

    /// <summary>File of the document.</summary>
    public string Output { get; private init; } = "";

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private init; }

    /// <summary>How long frames move before.</summary>
    public double WarmUpSeconds { get; private init; }

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private init; }

    /// <summary>Frame sizes as on a wire, with 4 bytes of checksum that are not in memory.</summary>
    public int[] Sizes { get; private init; } = [];

    /// <summary>Rings to measure: split, packed.</summary>
    public string[] Rings { get; private init; } = [];

    /// <summary>Modes to measure: uni, loop.</summary>
    public string[] Modes { get; private init; } = [];

    /// <summary>Switches to measure: ovs, vhostIo, softiov.</summary>
    public string[] Switches { get; private init; } = [];

    /// <summary>Reads the command line; the document goes into <paramref name="artifacts"/> unless it says otherwise.</summary>
    public static PeersBenchOptions Parse(BenchWords words, string artifacts) => new()
    {
        Json = words.Flag("--json"),
        Output = Path.GetFullPath(words.Text("--output", Path.Combine(artifacts, "bench-peers.json"))),
        Seconds = words.Number("--seconds", 1, BenchOptions.LeastSeconds),
        WarmUpSeconds = words.Number("--warm-up", 1.2, least: 0),
        Runs = words.Number("--runs", 3, least: 1),
        Sizes = words.Numbers("--sizes", [64, 256, LongestFrame], least: 64, most: LongestFrame),
        Rings = words.Some("--ring", "split", "packed"),
        Modes = words.Some("--mode", "uni", "loop"),
        Switches = words.Some("--switch", "ovs", "vhostIo", "softiov"),
    };
}
