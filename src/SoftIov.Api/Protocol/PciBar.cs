namespace SoftIov.Api;

/// <summary>A memory BAR of a function: what it takes of the windows of the port it sits behind.</summary>
/// <param name="Bytes">Size and alignment, a power of two.</param>
/// <param name="IsPrefetchable">It may lie in the prefetchable window.</param>
public sealed record PciBar(long Bytes, bool IsPrefetchable);
