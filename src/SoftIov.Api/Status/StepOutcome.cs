using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What became of a step of a plan.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepOutcome>))]
public enum StepOutcome
{
    /// <summary>Would be done: a dry run.</summary>
    [JsonStringEnumMemberName("planned")]
    Planned,

    /// <summary>Done.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>Tried and failed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Not tried because an earlier step failed.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}
