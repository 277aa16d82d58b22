namespace SoftIov.Api;

/// <summary>
/// All that the operator wants of a daemon: the content of its configuration file. A value; compared and planned, never edited.
/// </summary>
/// <param name="Adapters">The adapters, by unique name.</param>
public sealed record DesiredState(IReadOnlyList<AdapterSpec>? Adapters = null)
{
    /// <summary>Nothing wanted: no adapters.</summary>
    public static DesiredState Empty { get; } = new();

    /// <summary>The adapters, by unique name.</summary>
    public IReadOnlyList<AdapterSpec> Adapters { get; init; } = Adapters ?? [];
}
