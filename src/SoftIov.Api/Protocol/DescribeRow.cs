namespace SoftIov.Api;

/// <summary>One line of a description.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">Its value.</param>
public sealed record DescribeRow(string Name, string Value);
