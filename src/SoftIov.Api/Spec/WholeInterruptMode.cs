using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>How interrupts reach the VM that has an adapter whole.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WholeInterruptMode>))]
public enum WholeInterruptMode
{
    /// <summary>The functions' own messages; the adapter can be unplugged. Linux 5.13 and newer.</summary>
    [JsonStringEnumMemberName("messages")]
    Messages,

    /// <summary>Vectors of the endpoint, shared by the functions: for kernels that know nothing else.</summary>
    [JsonStringEnumMemberName("remapped")]
    Remapped,
}
