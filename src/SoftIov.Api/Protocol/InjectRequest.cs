namespace SoftIov.Api;

/// <summary>Injects a fault, ends what was injected, or lists it.</summary>
/// <param name="Target"><c>net0</c>, <c>net0/pf</c> or <c>net0/3</c>.</param>
/// <param name="Fault">Name of the fault, or <c>clear</c>; null only lists.</param>
/// <param name="Values">How long, how often, which: keys and values of the fault.</param>
public sealed record InjectRequest(string Target, string? Fault = null, IReadOnlyDictionary<string, string>? Values = null);
