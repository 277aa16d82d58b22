using System.Globalization;
using System.Numerics;

namespace SoftIov.Benchmarks.Report;

/// <summary>
/// Words of a command line, in whatever order they stand. Each option takes its own out; a word that nobody took would change nothing and seem
/// to, so it is refused.
/// </summary>
internal sealed class BenchWords(IEnumerable<string> words)
{
    private const string OptionMark = "--";

    private readonly List<string> _left = [.. words];

    /// <summary>Takes the first word when it is no option: what to do.</summary>
    public string? TakeCommand()
    {
        if (_left is not [string first, ..] || first.StartsWith('-'))
            return null;
        _left.RemoveAt(0);
        return first;
    }

    /// <summary>Whether a word that stands alone is there.</summary>
    public bool Flag(string name) => _left.Remove(name);

    /// <summary>The word behind an option, or <paramref name="otherwise"/> without the option.</summary>
    public string Text(string name, string otherwise) => Take(name) ?? otherwise;

    /// <summary>A number of at least <paramref name="least"/>.</summary>
    public T Number<T>(string name, T otherwise, T least)
        where T : INumber<T> => Take(name) is { } text ? Parse(name, text, least) : otherwise;

    /// <summary>Numbers with commas between, each within bounds.</summary>
    public int[] Numbers(string name, int[] otherwise, int least, int most)
    {
        if (Take(name) is not { } text)
            return otherwise;

        int[] numbers = Array.ConvertAll(text.Split(','), one => Parse(name, one, least));
        return numbers.Max() <= most ? numbers : throw new UsageException($"{name} {numbers.Max()} is above {most}");
    }

    /// <summary>Some of the words that this option knows, with commas between and in any case; all of them without the option.</summary>
    public string[] Some(string name, params string[] known) => Take(name) is { } text
        ? [.. text.Split(',').Select(word => Known(name, word, known)).Distinct()]
        : known;

    /// <summary>One of the words that this option knows, in any case; the first of them without the option.</summary>
    public string One(string name, params string[] known) => Take(name) is { } word ? Known(name, word, known) : known[0];

    /// <summary>Refuses what is left.</summary>
    public void End()
    {
        if (_left.Count > 0)
            throw new UsageException($"'{_left[0]}' is no option here, or stands twice");
    }

    private static string Known(string name, string word, string[] known) =>
        Array.Find(known, one => one.Equals(word, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"{name} knows no '{word}' here, but: {string.Join(", ", known)}");

    private static T Parse<T>(string name, string text, T least)
        where T : INumber<T> =>
        T.TryParse(text, CultureInfo.InvariantCulture, out T? number) && number >= least && T.IsFinite(number)
            ? number
            : throw new UsageException($"{name} '{text}' is no{Kind(least)} number from {least} on");

    private static string Kind<T>(T number) => number is int ? " whole" : "";

    private string? Take(string name)
    {
        int at = _left.IndexOf(name);
        if (at < 0)
            return null;

        if (at + 1 == _left.Count || _left[at + 1].StartsWith(OptionMark, StringComparison.Ordinal))
            throw new UsageException($"{name} needs a value");
        string value = _left[at + 1];
        _left.RemoveRange(at, 2);
        return value;
    }
}
