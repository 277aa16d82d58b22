using System.Globalization;

namespace SoftIov.Daemon.Configuration;

/// <summary>Values of settings as text, both ways.</summary>
internal static class SettingText
{
    /// <summary>How an absent value is written.</summary>
    public const string None = "none";

    /// <summary>The words that <see cref="Show(bool)"/> writes.</summary>
    public static IReadOnlyList<string> Switches { get; } = ["on", "off"];

    /// <summary>A decimal number, or null.</summary>
    public static int? Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>On or off in the words of ip-link(8) or YAML, or null.</summary>
    public static bool? Switch(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => null,
    };

    /// <summary>The words of ip-link(8).</summary>
    public static string Show(bool value) => value ? "on" : "off";

    /// <summary>A decimal number.</summary>
    public static string Show(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A text, or <see cref="None"/>.</summary>
    public static string Show(string? value) => value ?? None;

    /// <summary>A text; <see cref="None"/> and nothing are null.</summary>
    public static string? Optional(string text) => text is None or "" ? null : text;
}
