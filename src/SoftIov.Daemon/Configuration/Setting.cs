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

    /// <summary>The same key for whoever knows only that <typeparamref name="TBase"/> is what it has.</summary>
    public Setting<TBase> For<TBase>()
        where TBase : class => new(Key, Expected, (spec, text) => Apply(As(spec), text) as TBase, spec => Show(As(spec))) { Words = Words };

    private static TSpec As(object spec) => (TSpec)spec;
}
