using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Tests.Daemon;

namespace SoftIov.Tests.Cli;

/// <summary>What happens to the model adapters before and between commands.</summary>
internal static class FixtureSteps
{
    /// <summary>A daemon with one adapter, net0, and two VFs.</summary>
    public static ControlFixture WithVfs()
    {
        var fixture = new ControlFixture();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState([new NetAdapterSpec("net0", TotalVfs: 8, NumVfs: 2)])));
        return fixture;
    }

    /// <summary>A daemon with one nvme adapter, disk0, two VFs and two namespaces.</summary>
    public static ControlFixture WithDisk()
    {
        var fixture = new ControlFixture();
        var namespaces = ImmutableSortedDictionary<int, NamespaceSpec>.Empty
            .Add(1, new(10L << 30, Vfs: [0]))
            .Add(2, new(1L << 30, 4096, Shared: true, [0, 1], Pf: true));
        fixture.Operations.Apply(new ApplyRequest(new DesiredState(
            [new NvmeAdapterSpec("disk0", new(NvmeBackingKind.File, "/disk.img"), TotalVfs: 8, NumVfs: 2, Namespaces: namespaces)])));
        return fixture;
    }

    /// <summary>A VMM connects.</summary>
    public static void Attach(this ControlFixture fixture, string target) =>
        fixture.Adapters.Attached[target] = new AttachmentStatus("vfio-user", 4711, 0, DateTimeOffset.UnixEpoch, 1 << 30, "qemu-system-x86");
}
