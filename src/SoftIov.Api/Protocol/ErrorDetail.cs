namespace SoftIov.Api;

/// <summary>One thing that is wrong, and where.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="File">File as the caller named it; null when it did not come from a file.</param>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1.</param>
/// <param name="Fix">What to do about it.</param>
public sealed record ErrorDetail(string Message, string? File = null, int? Line = null, int? Column = null, string? Fix = null)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string place = (File, Line) switch
        {
            (null, null) => "",
            (null, _) => $"line {Line}, column {Column}: ",
            (_, null) => $"{File}: ",
            _ => $"{File}:{Line}:{Column}: ",
        };
        return place + Message + (Fix is null ? "" : $" ({Fix})");
    }
}
