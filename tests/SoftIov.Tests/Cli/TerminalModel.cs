using SoftIov.Cli;

namespace SoftIov.Tests.Cli;

/// <summary>A terminal that a test looks at.</summary>
internal static class TerminalModel
{
    /// <summary>A pipe, or with <paramref name="color"/> a person's terminal.</summary>
    public static Terminal Of(TextWriter output, TextWriter error, string input = "", bool color = false, Stream? raw = null) => new()
    {
        Out = TextWriter.Synchronized(output),
        Error = TextWriter.Synchronized(error),
        In = () => new StringReader(input),
        RawOut = () => raw ?? Stream.Null,
        IsInteractive = color,
        HasColor = color,
        SearchPath = Environment.GetEnvironmentVariable("PATH"),
    };
}
