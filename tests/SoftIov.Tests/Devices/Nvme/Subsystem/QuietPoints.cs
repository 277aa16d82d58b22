using SoftIov.Memory;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Pollers that are always quiet; the test looks on at each wait.</summary>
internal sealed class QuietPoints : IQuiescence
{
    public Action? Waiting { get; set; }

    public int Count { get; private set; }

    public void WaitForQuietPoint()
    {
        Waiting?.Invoke();
        Count++;
    }
}
