namespace SoftIov.Cli.Output;

/// <summary>How a cell looks to a person at a terminal; the text alone says the same.</summary>
internal enum Tone
{
    /// <summary>As it comes.</summary>
    Plain,

    /// <summary>As wanted.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>Not as wanted.</summary>
    Bad,

    /// <summary>Nothing there.</summary>
    Muted,
}
