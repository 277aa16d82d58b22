using System.Text.Json.Serialization;

namespace SoftIov.Lab.Demo;

/// <summary>What a demo found, for programs: the last line with <c>--json</c>. What was not reached is 0, false or null.</summary>
public abstract record DemoSummary
{
    /// <summary>Whether everything held; the exit code says the same.</summary>
    [JsonPropertyOrder(-1)]
    public bool Ok { get; init; }

    /// <summary>The whole demo.</summary>
    [JsonPropertyOrder(1)]
    public double Seconds { get; init; }

    /// <summary>Steps that did not hold.</summary>
    [JsonPropertyOrder(2)]
    public IReadOnlyList<string> Failed { get; init; } = [];

    /// <summary>The same for people: texts, truths, and null for what was not reached.</summary>
    internal abstract IEnumerable<(string Name, object? Value)> Rows { get; }
}
