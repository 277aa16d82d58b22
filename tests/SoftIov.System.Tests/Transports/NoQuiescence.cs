using SoftIov.Memory;

namespace SoftIov.SystemTests.Transports;

/// <summary>No poller uses anything.</summary>
internal sealed class NoQuiescence : IQuiescence
{
    public void WaitForQuietPoint()
    {
    }
}
