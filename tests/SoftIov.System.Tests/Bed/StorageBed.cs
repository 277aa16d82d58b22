using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Bed;

/// <summary>A bed whose guests have tools for disks, prepared by the first test that asks.</summary>
public static class StorageBed
{
    /// <summary>Memory that these guests need, in MiB.</summary>
    public const int Memory = 512;

    /// <summary>Prepares it for kernels.</summary>
    public static Task<VmBed> PrepareAsync(params GuestKernel[] kernels) =>
        VmBed.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None, GuestTools.Storage, kernels);
}
