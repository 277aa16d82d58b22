using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Kinds of uplink.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UplinkKind>))]
public enum UplinkKind
{
    /// <summary>No uplink.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>A tap device.</summary>
    [JsonStringEnumMemberName("tap")]
    Tap,

    /// <summary>A network interface of the host, by packet socket.</summary>
    [JsonStringEnumMemberName("interface")]
    Interface,
}
