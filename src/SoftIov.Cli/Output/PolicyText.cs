using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Policy of a VF in one word, as <c>vlan=100,trust=on</c>.</summary>
internal static class PolicyText
{
    /// <summary>What differs from <paramref name="usual"/>; nothing when nothing does. The names are those of the protocol.</summary>
    public static Cell Of<TSpec>(TSpec? policy, TSpec usual)
        where TSpec : VfSpec
    {
        if (policy is null || policy == usual)
        {
            return Cell.None;
        }

        var type = (JsonTypeInfo<TSpec>)ControlJson.Default.GetTypeInfo(typeof(TSpec))!;
        JsonElement expected = JsonSerializer.SerializeToElement(usual, type);
        JsonElement real = JsonSerializer.SerializeToElement(policy, type);
        return string.Join(',', real.EnumerateObject().Where(p => !IsUsual(expected, p)).Select(p => $"{p.Name}={Show(p.Value)}"));
    }

    private static bool IsUsual(JsonElement usual, JsonProperty property) =>
        usual.TryGetProperty(property.Name, out JsonElement value) && JsonElement.DeepEquals(value, property.Value);

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "on",
        JsonValueKind.False => "off",
        _ => value.ToString(),
    };
}
