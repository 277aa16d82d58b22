using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Nvme;

/// <summary>With the stable release's kernel.</summary>
public sealed class StableWholeDiskRig() : WholeDiskRig(GuestKernel.StableGeneric);
