using System.Globalization;

namespace SoftIov.Daemon.Hosting;

/// <summary>Numbers of processors as an operator writes them: <c>2,3</c> or <c>0,2-5</c>.</summary>
internal static class ProcessorList
{
    /// <summary>In the order they are written; false when it is no such list, or names one twice.</summary>
    public static bool TryParse(string text, out IReadOnlyList<int> processors)
    {
        var found = new List<int>();
        processors = found;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParseOne(ends[0], out int first) || !TryParseOne(ends[^1], out int last) || last < first)
            {
                return false;
            }

            found.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return found.Distinct().Count() == found.Count;
    }

    private static bool TryParseOne(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Linux.ThreadAffinity.MaxProcessors;
}
