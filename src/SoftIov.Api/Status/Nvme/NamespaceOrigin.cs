using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Who made a namespace.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NamespaceOrigin>))]
public enum NamespaceOrigin
{
    /// <summary>Configuration wants it: it names it, or it is a VF's own.</summary>
    [JsonStringEnumMemberName("configuration")]
    Configuration,

    /// <summary>A guest that has the PF; configuration leaves it alone.</summary>
    [JsonStringEnumMemberName("guest")]
    Guest,
}
