namespace SoftIov.Daemon.Configuration;

/// <summary>One key of a specification: the same in the configuration file, in <c>softiov set</c> and in what plans print.</summary>
/// <param name="Key">Spelling.</param>
/// <param name="Expected">What values there are, for errors.</param>
/// <param name="Apply">The specification with the value, or null when the text is none.</param>
/// <param name="Show">The value as text.</param>
internal sealed record Setting<TSpec>(string Key, string Expected, Func<TSpec, string, TSpec?> Apply, Func<TSpec, string> Show)
    where TSpec : class
{
    /// <summary>Values that are fixed words; empty when there are none.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
