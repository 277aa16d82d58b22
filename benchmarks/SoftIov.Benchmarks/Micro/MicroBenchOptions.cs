using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Micro;

/// <summary>The command line of <c>./bench micro</c>.</summary>
/// <param name="Filter">What stages and cases have in their name; empty takes all.</param>
/// <param name="Json">One JSON document on the last line.</param>
internal sealed record MicroBenchOptions(string Filter, bool Json)
{
    /// <summary>For the usage line.</summary>
    public const string Usage = "[--filter TEXT] [--json]";

    /// <summary>Reads the command line.</summary>
    public static MicroBenchOptions Parse(BenchWords words) => new(words.Text("--filter", ""), words.Flag("--json"));
}
