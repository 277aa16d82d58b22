namespace SoftIov.Api;

/// <summary>One block of a description.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Rows">Lines.</param>
public sealed record DescribeSection(string Title, IReadOnlyList<DescribeRow> Rows);
