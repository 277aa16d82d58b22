using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>The two projections of a function (decision D1).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FunctionView>))]
public enum FunctionView
{
    /// <summary>Configuration space as the bus shows it: a VF has IDs FFFFh and no BARs.</summary>
    [JsonStringEnumMemberName("fabric")]
    Fabric,

    /// <summary>As a VMM shows it to a guest: an endpoint with IDs and BARs of its own.</summary>
    [JsonStringEnumMemberName("assigned")]
    Assigned,
}
