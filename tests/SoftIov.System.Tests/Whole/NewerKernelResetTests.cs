using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Whole;

/// <summary>With a newer kernel.</summary>
[Collection(BedCollection.Name)]
public sealed class NewerKernelResetTests(NewerWholeRig rig) : ResetAndRemovalTests(rig), IClassFixture<NewerWholeRig>
{
    /// <summary>Older kernels have no such file.</summary>
    [Fact]
    public Task A_bus_that_the_port_resets_with_vfs_has_them_again() => ResetWithVfsAsync("echo 1 >$P/$PORT/reset_subordinate");
}
