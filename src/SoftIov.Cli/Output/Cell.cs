namespace SoftIov.Cli.Output;

/// <summary>One value of a table.</summary>
/// <param name="Text">The value, without spaces where it can be, so that cut and awk find columns.</param>
/// <param name="Tone">How it looks.</param>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    /// <summary>What stands for nothing.</summary>
    public static Cell None { get; } = new("-", Tone.Muted);

    /// <summary>A plain value.</summary>
    public static implicit operator Cell(string text) => new(text);
}
