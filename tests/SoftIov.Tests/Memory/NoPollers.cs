using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>Nobody polls but the test itself: every moment is a quiet point.</summary>
internal sealed class NoPollers : IQuiescence
{
    public void WaitForQuietPoint()
    {
    }
}
