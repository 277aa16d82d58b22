using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>A test that makes network namespaces and interfaces, for which it must be root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute()
    {
        Skip = ProcessUser.Id == 0 ? null : "needs root, to make network namespaces";
    }
}
