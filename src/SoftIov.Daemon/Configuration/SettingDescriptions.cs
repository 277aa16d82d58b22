using SoftIov.Api;

namespace SoftIov.Daemon.Configuration;

/// <summary>Settings as clients see them: what they can complete and show.</summary>
internal static class SettingDescriptions
{
    /// <summary>All of <paramref name="settings"/>, with the values that <paramref name="usual"/> has as defaults.</summary>
    public static IReadOnlyList<SettingDescription> Of<TSpec>(IReadOnlyList<Setting<TSpec>> settings, TSpec usual)
        where TSpec : class => [.. settings.Select(s => new SettingDescription(s.Key, s.Expected, s.Show(usual), s.Words))];
}
