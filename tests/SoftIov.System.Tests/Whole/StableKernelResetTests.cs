using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Whole;

/// <summary>With the stable release's kernel.</summary>
[Collection(BedCollection.Name)]
public sealed class StableKernelResetTests(StableWholeRig rig) : ResetAndRemovalTests(rig), IClassFixture<StableWholeRig>;
