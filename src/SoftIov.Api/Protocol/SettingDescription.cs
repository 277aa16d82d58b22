namespace SoftIov.Api;

/// <summary>A key that <c>set</c> and the configuration file take.</summary>
/// <param name="Key">Spelling.</param>
/// <param name="Expected">What values there are, for people.</param>
/// <param name="Default">Value when nobody said anything.</param>
/// <param name="Words">Values that are fixed words; empty when there are none.</param>
public sealed record SettingDescription(string Key, string Expected, string Default, IReadOnlyList<string> Words);
