using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>Where a device whose registers somebody else keeps sends its events. Called by pollers: returns at once.</summary>
public interface IRingSignals
{
    /// <summary>The ring has used buffers that its driver wants to hear of.</summary>
    void Used(int ring);

    /// <summary>The driver's mistake stopped the device; <paramref name="detail"/> says which when the ring itself is wrong.</summary>
    void Failed(int ring, VirtioFaultReason reason, VirtqueueFault detail);
}
