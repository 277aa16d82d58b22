namespace SoftIov.Lab.TestBed;

/// <summary>How a migration went, as QEMU tells it.</summary>
/// <param name="TotalTime">From its start to its end.</param>
/// <param name="Downtime">While the guest ran nowhere.</param>
/// <param name="Transferred">Bytes of memory that were sent.</param>
public sealed record MigrationResult(TimeSpan TotalTime, TimeSpan Downtime, long Transferred);
