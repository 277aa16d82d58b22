namespace SoftIov.Memory;

/// <summary>Bytes that lie in the bounce memory and are still to be written to the driver.</summary>
/// <param name="Iova">Where they go.</param>
/// <param name="Source">Where they are.</param>
internal readonly record struct BouncedWrite(ulong Iova, Segment Source);
