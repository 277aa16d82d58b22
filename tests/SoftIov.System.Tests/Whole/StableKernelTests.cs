using SoftIov.SystemTests.Bed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>With the stable release's kernel.</summary>
[Collection(BedCollection.Name)]
public sealed class StableKernelTests(StableWholeRig rig, ITestOutputHelper output)
    : WholeAdapterTests(rig, output), IClassFixture<StableWholeRig>;
