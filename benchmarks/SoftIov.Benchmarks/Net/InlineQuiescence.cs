using SoftIov.Memory;

namespace SoftIov.Benchmarks.Net;

/// <summary>No poller thread: every moment is a quiet point.</summary>
internal sealed class InlineQuiescence : IQuiescence
{
    public void WaitForQuietPoint()
    {
    }
}
