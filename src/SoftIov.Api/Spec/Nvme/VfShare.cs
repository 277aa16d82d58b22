using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Which namespaces VFs get of themselves.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VfShare>))]
public enum VfShare
{
    /// <summary>Each a private one: an equal share of the capacity.</summary>
    [JsonStringEnumMemberName("equal")]
    Equal,

    /// <summary>None.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Each a private one of a given size.</summary>
    [JsonStringEnumMemberName("sized")]
    Sized,
}
