using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Link of a VF as the operator set it (ip-link(8), vf N state).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VfLinkState>))]
public enum VfLinkState
{
    /// <summary>Follows the uplink; up when there is none.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Up always.</summary>
    [JsonStringEnumMemberName("enable")]
    Enable,

    /// <summary>Down: the VF neither sends nor receives.</summary>
    [JsonStringEnumMemberName("disable")]
    Disable,
}
