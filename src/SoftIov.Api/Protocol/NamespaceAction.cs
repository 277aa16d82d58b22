using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What is to happen to a namespace.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NamespaceAction>))]
public enum NamespaceAction
{
    /// <summary>It is made.</summary>
    [JsonStringEnumMemberName("create")]
    Create,

    /// <summary>It goes with its data.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>Functions get it.</summary>
    [JsonStringEnumMemberName("attach")]
    Attach,

    /// <summary>Functions lose it.</summary>
    [JsonStringEnumMemberName("detach")]
    Detach,
}
