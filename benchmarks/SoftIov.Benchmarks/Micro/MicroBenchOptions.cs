namespace SoftIov.Benchmarks.Micro;

/// <summary>The command line of <c>./bench micro</c>.</summary>
/// <param name="Filter">What stages and cases have in their name; empty takes all.</param>
/// <param name="Json">One JSON document on the last line.</param>
internal sealed record MicroBenchOptions(string Filter, bool Json)
{
    /// <summary>For the usage line.</summary>
    public const string Usage = "[--filter TEXT] [--json]";

    /// <summary>Reads the command line.</summary>
    public static bool TryParse(string[] arguments, out MicroBenchOptions options)
    {
        options = new MicroBenchOptions("", false);
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--filter" when i + 1 < arguments.Length:
                    options = options with { Filter = arguments[++i] };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
