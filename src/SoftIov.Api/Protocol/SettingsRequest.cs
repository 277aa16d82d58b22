namespace SoftIov.Api;

/// <summary>Asks for the keys that can be set.</summary>
/// <param name="Target">Adapter or VF, which decides by its personality; null or one that is not there for those of net adapters.</param>
public sealed record SettingsRequest(string? Target = null);
