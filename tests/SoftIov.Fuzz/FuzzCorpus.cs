namespace SoftIov.Fuzz;

/// <summary>Committed input, built into this assembly.</summary>
internal static class FuzzCorpus
{
    /// <summary>Names of a target's files.</summary>
    public static IEnumerable<string> NamesOf(string target) =>
        typeof(FuzzCorpus).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(target + "/", StringComparison.Ordinal))
            .Order();

    /// <summary>A file's text.</summary>
    public static string Read(string name)
    {
        using StreamReader reader = new(typeof(FuzzCorpus).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
