namespace SoftIov.Lab.VfioUser;

/// <summary>An area of a region that can be mapped.</summary>
/// <param name="Offset">Where in the region.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct RegionArea(ulong Offset, ulong Length);
