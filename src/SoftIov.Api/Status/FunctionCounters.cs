using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What one function did since it was made.</summary>
[JsonConverter(typeof(FunctionCountersConverter))]
public abstract record FunctionCounters
{
    /// <summary>What the function is; not in the JSON when it is net.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public abstract Personality Personality { get; }
}
