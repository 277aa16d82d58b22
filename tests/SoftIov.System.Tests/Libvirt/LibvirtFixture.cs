using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Libvirt;

/// <summary>A libvirtd that the tests of a class share: before it answers it asks its QEMU for all that it can.</summary>
public sealed class LibvirtFixture(BedFixture bed) : IAsyncLifetime
{
    internal LibvirtHost Host { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() =>
        Host = await LibvirtHost.StartAsync(bed.Bed, new Progress<BedProgress>(), CancellationToken.None);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Host is not null)
            await Host.DisposeAsync();
    }
}
