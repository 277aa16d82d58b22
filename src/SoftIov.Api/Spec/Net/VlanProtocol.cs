using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Tag protocols, spelled as ip-link(8) does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VlanProtocol>))]
public enum VlanProtocol
{
    /// <summary>TPID 8100h.</summary>
    [JsonStringEnumMemberName("802.1Q")]
    Dot1Q,

    /// <summary>TPID 88A8h.</summary>
    [JsonStringEnumMemberName("802.1ad")]
    Dot1Ad,
}
