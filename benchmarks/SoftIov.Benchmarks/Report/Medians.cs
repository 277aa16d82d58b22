namespace SoftIov.Benchmarks.Report;

/// <summary>The middle of several runs.</summary>
internal static class Medians
{
    /// <summary>The median of one figure; of an even number of runs the upper of the two in the middle.</summary>
    public static double Of<T>(IReadOnlyList<T> samples, Func<T, double> figure)
    {
        double[] values = [.. samples.Select(figure)];
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <summary>The sample whose figure is the median.</summary>
    public static T By<T>(IReadOnlyList<T> samples, Func<T, double> figure) => samples.OrderBy(figure).ElementAt(samples.Count / 2);
}
