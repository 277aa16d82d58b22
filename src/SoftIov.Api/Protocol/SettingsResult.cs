namespace SoftIov.Api;

/// <summary>The keys there are.</summary>
/// <param name="Adapter">Keys of an adapter.</param>
/// <param name="Vf">Keys of a VF.</param>
public sealed record SettingsResult(IReadOnlyList<SettingDescription> Adapter, IReadOnlyList<SettingDescription> Vf);
