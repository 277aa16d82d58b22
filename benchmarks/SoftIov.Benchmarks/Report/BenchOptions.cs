using System.Globalization;

namespace SoftIov.Benchmarks.Report;

/// <summary>What <c>bench latency</c>, <c>idle</c> and <c>scale</c> were asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage = "[--json] [--runs N] [--seconds N] [--warm-up N]";

    /// <summary>A JSON document on the last line.</summary>
    public bool Json { get; private init; }

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private init; } = 5;

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private init; } = 2;

    /// <summary>How long what is measured works, or rests, before.</summary>
    public double WarmUpSeconds { get; private init; } = 2;

    /// <summary>VFs.</summary>
    public int Vfs { get; private init; }

    /// <summary>Where softiovd is.</summary>
    public string Programs { get; private init; } = "";

    /// <summary>Reads the command line; <paramref name="vfs"/> unless it says otherwise.</summary>
    public static bool TryParse(string[] arguments, int vfs, out BenchOptions options)
    {
        options = new BenchOptions { Vfs = vfs };
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                options = arguments[i] switch
                {
                    "--json" => options with { Json = true },
                    "--runs" => options with { Runs = Whole(arguments[++i]) },
                    "--vfs" => options with { Vfs = Whole(arguments[++i]) },
                    "--seconds" => options with { Seconds = double.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--warm-up" => options with { WarmUpSeconds = double.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--programs" => options with { Programs = arguments[++i] },
                    _ => throw new FormatException(),
                };
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or IndexOutOfRangeException)
        {
            return false;
        }

        return options.Runs > 0 && options.Seconds > 0 && options.Vfs > 0;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
