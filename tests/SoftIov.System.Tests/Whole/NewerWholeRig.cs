using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Whole;

/// <summary>With a newer kernel.</summary>
public sealed class NewerWholeRig() : WholeRig(GuestKernel.NewerGeneric);
