using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>Kinds of events.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventKind>))]
public enum EventKind
{
    /// <summary>An adapter was made.</summary>
    [JsonStringEnumMemberName("adapterAdded")]
    AdapterAdded,

    /// <summary>An adapter was removed.</summary>
    [JsonStringEnumMemberName("adapterRemoved")]
    AdapterRemoved,

    /// <summary>A setting of an adapter changed.</summary>
    [JsonStringEnumMemberName("adapterChanged")]
    AdapterChanged,

    /// <summary>VF Enable was set.</summary>
    [JsonStringEnumMemberName("vfsEnabled")]
    VfsEnabled,

    /// <summary>VF Enable was cleared.</summary>
    [JsonStringEnumMemberName("vfsDisabled")]
    VfsDisabled,

    /// <summary>Policy of a VF changed.</summary>
    [JsonStringEnumMemberName("policyChanged")]
    PolicyChanged,

    /// <summary>A client connected to a function.</summary>
    [JsonStringEnumMemberName("attached")]
    Attached,

    /// <summary>A client left, or lost its session; the message says why.</summary>
    [JsonStringEnumMemberName("detached")]
    Detached,

    /// <summary>The link of a function or of the uplink changed.</summary>
    [JsonStringEnumMemberName("linkChanged")]
    LinkChanged,

    /// <summary>A namespace was made, deleted, attached or detached.</summary>
    [JsonStringEnumMemberName("namespaceChanged")]
    NamespaceChanged,

    /// <summary>A secondary controller went online or offline.</summary>
    [JsonStringEnumMemberName("onlineChanged")]
    OnlineChanged,

    /// <summary>A function needs a reset, or stopped by an error of its guest or of the daemon.</summary>
    [JsonStringEnumMemberName("functionBroken")]
    FunctionBroken,

    /// <summary>An operator injected a fault, or ended what was injected.</summary>
    [JsonStringEnumMemberName("faultInjected")]
    FaultInjected,

    /// <summary>A client does something that works badly or not at all; the message says what to change.</summary>
    [JsonStringEnumMemberName("warned")]
    Warned,
}
