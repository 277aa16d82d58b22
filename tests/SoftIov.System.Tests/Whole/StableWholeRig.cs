using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Whole;

/// <summary>With the kernel of the stable release.</summary>
public sealed class StableWholeRig() : WholeRig(GuestKernel.StableGeneric);
