using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Nvme;

/// <summary>With a newer kernel.</summary>
public sealed class NewerWholeDiskRig() : WholeDiskRig(GuestKernel.NewerGeneric);
