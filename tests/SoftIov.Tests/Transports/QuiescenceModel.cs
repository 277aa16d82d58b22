using SoftIov.Memory;

namespace SoftIov.Tests.Transports;

/// <summary>Counts waits, and does what a test wants meanwhile.</summary>
internal sealed class QuiescenceModel : IQuiescence
{
    public int Waits { get; private set; }

    public Action? Waiting { get; set; }

    public void WaitForQuietPoint()
    {
        Waits++;
        Waiting?.Invoke();
    }
}
