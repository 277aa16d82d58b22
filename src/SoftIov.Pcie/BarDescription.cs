namespace SoftIov.Pcie;

/// <summary>One base address register of a function.</summary>
/// <param name="Kind">What it decodes.</param>
/// <param name="Size">Bytes, a power of two; 0 with <see cref="BarKind.None"/>.</param>
public readonly record struct BarDescription(BarKind Kind, ulong Size);
