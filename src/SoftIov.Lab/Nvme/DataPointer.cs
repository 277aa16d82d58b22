namespace SoftIov.Lab.Nvme;

/// <summary>Where a command's data are (NVMe base 2.0, 4.1.1).</summary>
/// <param name="Prp1">The first page, with an offset.</param>
/// <param name="Prp2">The second page, or a list of all but the first; 0 when there is but one page.</param>
public readonly record struct DataPointer(ulong Prp1, ulong Prp2);
