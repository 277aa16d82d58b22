using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What the functions of an adapter are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Personality>))]
public enum Personality
{
    /// <summary>virtio-net functions behind a switch.</summary>
    [JsonStringEnumMemberName("net")]
    Net,

    /// <summary>NVMe controllers of one NVM subsystem.</summary>
    [JsonStringEnumMemberName("nvme")]
    Nvme,
}
