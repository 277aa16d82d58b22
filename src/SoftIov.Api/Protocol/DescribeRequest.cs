namespace SoftIov.Api;

/// <summary>Asks for everything about one adapter or function.</summary>
/// <param name="Target"><c>net0</c>, <c>net0/pf</c> or <c>net0/3</c>.</param>
public sealed record DescribeRequest(string Target);
