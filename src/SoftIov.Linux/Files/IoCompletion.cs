namespace SoftIov.Linux;

/// <summary>The answer to an <see cref="IoRequest"/>.</summary>
/// <param name="Tag">The request's.</param>
/// <param name="Result">Bytes moved, or why none were.</param>
public readonly record struct IoCompletion(ulong Tag, IoResult Result);
