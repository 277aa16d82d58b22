using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>How secondary controllers come to queues, interrupts and life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NvmeVfMode>))]
public enum NvmeVfMode
{
    /// <summary>Each has its own, and is online as soon as its VF is enabled.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Offline with nothing until the PF's host assigns some and sets it online (NVMe 1.4, 8.5).</summary>
    [JsonStringEnumMemberName("managed")]
    Managed,
}
