using SoftIov.SystemTests.Bed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>With a newer kernel.</summary>
[Collection(BedCollection.Name)]
public sealed class NewerKernelTests(NewerWholeRig rig, ITestOutputHelper output)
    : WholeAdapterTests(rig, output), IClassFixture<NewerWholeRig>;
