using SoftIov.Api;
using SoftIov.Tests.Daemon;

namespace SoftIov.Tests.Cli;

/// <summary>What happens to the model adapters between two commands.</summary>
internal static class FixtureSteps
{
    /// <summary>A VMM connects.</summary>
    public static void Attach(this ControlFixture fixture, string target) =>
        fixture.Adapters.Attached[target] = new AttachmentStatus("vfio-user", 4711, 0, DateTimeOffset.UnixEpoch, 1 << 30, "qemu-system-x86");
}
