using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>How doorbells reach a controller.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NvmeDoorbells>))]
public enum NvmeDoorbells
{
    /// <summary>Each write is a message, unless the guest uses shadow doorbells.</summary>
    [JsonStringEnumMemberName("trapped")]
    Trapped,

    /// <summary>The doorbell page is mapped into the client and polled all the time.</summary>
    [JsonStringEnumMemberName("shared")]
    Shared,
}
