using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>A test that mounts file systems or makes loop devices, for which it must be root, of a machine that has them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute()
    {
        Skip = ProcessUser.Id == 0 && File.Exists("/dev/loop-control") ? null : "needs root and loop devices";
    }
}
