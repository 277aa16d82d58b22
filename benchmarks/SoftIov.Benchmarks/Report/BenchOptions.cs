namespace SoftIov.Benchmarks.Report;

/// <summary>What <c>bench latency</c>, <c>idle</c>, <c>gaps</c> and <c>scale</c> were asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage = "[--json] [--runs N] [--seconds N] [--warm-up N]";

    /// <summary>Shorter measures nothing.</summary>
    public const double LeastSeconds = 0.001;

    /// <summary>A JSON document on the last line.</summary>
    public bool Json { get; private init; }

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private init; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private init; }

    /// <summary>How long what is measured works, or rests, before.</summary>
    public double WarmUpSeconds { get; private init; }

    /// <summary>VFs; 0 where nobody is asked how many.</summary>
    public int Vfs { get; private init; }

    /// <summary>Where softiovd is.</summary>
    public string Programs { get; private init; } = "";

    /// <summary>Reads the command line of a bench whose VFs are given.</summary>
    public static BenchOptions Parse(BenchWords words) => new()
    {
        Json = words.Flag("--json"),
        Runs = words.Number("--runs", 5, least: 1),
        Seconds = words.Number("--seconds", 2, LeastSeconds),
        WarmUpSeconds = words.Number("--warm-up", 2.0, least: 0),
    };

    /// <summary>Reads that of a bench with a daemon of its own and <paramref name="vfs"/> VFs unless it says otherwise.</summary>
    public static BenchOptions Parse(BenchWords words, int vfs, int leastVfs, string programs) =>
        Parse(words) with { Vfs = words.Number("--vfs", vfs, leastVfs), Programs = programs };
}
