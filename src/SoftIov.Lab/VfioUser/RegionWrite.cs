namespace SoftIov.Lab.VfioUser;

/// <summary>One write of REGION_WRITE_MULTI.</summary>
/// <param name="Region">Region index.</param>
/// <param name="Offset">Byte offset in it.</param>
/// <param name="Length">Bytes, 8 at most.</param>
/// <param name="Data">The bytes, the first lowest.</param>
public readonly record struct RegionWrite(int Region, ulong Offset, int Length, ulong Data);
