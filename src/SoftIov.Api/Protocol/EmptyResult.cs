namespace SoftIov.Api;

/// <summary>Result of methods that have nothing to say.</summary>
public sealed record EmptyResult;
