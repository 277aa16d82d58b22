using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What keeps the bytes of an nvme adapter.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NvmeBackingKind>))]
public enum NvmeBackingKind
{
    /// <summary>Memory of the daemon: gone with it.</summary>
    [JsonStringEnumMemberName("memory")]
    Memory,

    /// <summary>A file.</summary>
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>A block device of the host.</summary>
    [JsonStringEnumMemberName("block")]
    Block,

    /// <summary>Nothing: for measurements.</summary>
    [JsonStringEnumMemberName("null")]
    Null,
}
