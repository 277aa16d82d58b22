using System.Text.Json;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Policy of a VF in one word, as <c>vlan=100,trust=on</c>.</summary>
internal static class PolicyText
{
    /// <summary>What differs from the default; empty when nothing does. The names are those of the protocol, which are ip-link(8)'s.</summary>
    public static string Of(VfSpec? policy)
    {
        if (policy is null || policy == VfSpec.Default)
        {
            return "";
        }

        JsonElement usual = JsonSerializer.SerializeToElement(VfSpec.Default, ControlJson.Default.VfSpec);
        JsonElement real = JsonSerializer.SerializeToElement(policy, ControlJson.Default.VfSpec);
        return string.Join(',', real.EnumerateObject().Where(p => !IsUsual(usual, p)).Select(p => $"{p.Name}={Show(p.Value)}"));
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
