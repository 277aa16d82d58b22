namespace SoftIov.Api;

/// <summary>Parameters of methods that need none.</summary>
public sealed record EmptyRequest;
