using SoftIov.SystemTests.Bed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Whole;

/// <summary>With a newer kernel.</summary>
[Collection(BedCollection.Name)]
public sealed class NewerKernelFaultTests(NewerWholeRig rig, ITestOutputHelper output)
    : InjectedFaultTests(rig, output), IClassFixture<NewerWholeRig>;
