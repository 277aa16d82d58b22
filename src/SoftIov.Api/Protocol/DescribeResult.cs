namespace SoftIov.Api;

/// <summary>Everything about one adapter or function, for people.</summary>
/// <param name="Target">As asked.</param>
/// <param name="Sections">In the order they are printed.</param>
public sealed record DescribeResult(string Target, IReadOnlyList<DescribeSection> Sections);
