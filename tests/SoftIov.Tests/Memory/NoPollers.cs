using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>Nobody polls but the test itself: every moment is a quiet point.</summary>
internal sealed class NoPollers : IQuiescence
{
    /// <summary>What somebody else does before the quiet point that is waited for.</summary>
    public Action? Waiting { get; set; }

    public void WaitForQuietPoint() => Waiting?.Invoke();
}
