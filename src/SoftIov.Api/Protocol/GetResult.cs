namespace SoftIov.Api;

/// <summary>Current state.</summary>
/// <param name="Adapters">Adapters in order of their names; with a function as target only that function is in its adapter.</param>
public sealed record GetResult(IReadOnlyList<AdapterStatus> Adapters);
