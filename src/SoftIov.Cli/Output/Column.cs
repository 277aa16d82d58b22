namespace SoftIov.Cli.Output;

/// <summary>One column of a table.</summary>
/// <param name="Title">Heading.</param>
/// <param name="IsNumber">Aligned at the right.</param>
internal readonly record struct Column(string Title, bool IsNumber = false)
{
    /// <summary>A column of text.</summary>
    public static implicit operator Column(string title) => new(title);
}
