using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>How a VF of a net adapter is served.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VfTransport>))]
public enum VfTransport
{
    /// <summary>vfio-user: the PCI function.</summary>
    [JsonStringEnumMemberName(TransportName.VfioUser)]
    VfioUser,

    /// <summary>vhost-user: its rings, for a front-end that has a virtio-net device of its own.</summary>
    [JsonStringEnumMemberName(TransportName.VhostUser)]
    VhostUser,
}
