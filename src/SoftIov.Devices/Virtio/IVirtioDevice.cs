using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// The kind of device behind the virtio registers. Calls come from the control thread. Names follow the driver's actions, so that the
/// transport knows registers and the device knows queues.
/// </summary>
internal interface IVirtioDevice
{
    /// <summary>Register state, in the function's state page.</summary>
    ref VirtioState Registers { get; }

    /// <summary>What the driver may choose from.</summary>
    VirtioFeatures OfferedFeatures { get; }

    /// <summary>num_queues; admin queues do not count.</summary>
    int QueueCount { get; }

    /// <summary>queue_size after reset.</summary>
    ushort MaxQueueSize { get; }

    /// <summary>Bytes of device configuration.</summary>
    int ConfigLength { get; }

    /// <summary>Whether the features, a subset of the offered ones, satisfy each other's needs.</summary>
    bool AreConsistent(VirtioFeatures features);

    /// <summary>Fills the whole device configuration as it is now.</summary>
    void ReadConfig(Span<byte> image);

    /// <summary>config_generation: another value than before when the configuration changed since it was last read.</summary>
    byte ReadGeneration();

    /// <summary>DRIVER_OK was set: enabled queues start.</summary>
    void DriverOk();

    /// <summary>A queue was enabled after DRIVER_OK.</summary>
    void StartQueue(int queue);

    /// <summary>queue_reset: when it returns the queue is not worked on.</summary>
    void StopQueue(int queue);

    /// <summary>Stops everything and assigns the power-on value.</summary>
    void Reset();

    /// <summary>The driver made buffers available. Returns at once.</summary>
    void Kick(int queue);

    /// <summary>
    /// A ring or a buffer lies in memory that only messages reach: the device will go on where it can wait for them. Any thread.
    /// </summary>
    void NeedsMessages();

    /// <summary>The driver did what leaves the device unusable until reset.</summary>
    void Fail(int queue, VirtioFaultReason reason, VirtqueueFault ring = VirtqueueFault.None);
}
