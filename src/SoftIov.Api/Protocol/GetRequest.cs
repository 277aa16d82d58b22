namespace SoftIov.Api;

/// <summary>Asks for current state.</summary>
/// <param name="Target">An adapter, a function, or null for all.</param>
public sealed record GetRequest(string? Target = null);
