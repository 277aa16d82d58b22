using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.Virtio;

/// <summary>What queues need of the way to their device.</summary>
internal interface IQueueTransport
{
    /// <summary>The device, for errors.</summary>
    string DeviceName { get; }

    /// <summary>How rings are laid out with the features agreed on.</summary>
    RingFeatures RingFeatures { get; }

    /// <summary>Whether a feature was agreed on.</summary>
    bool Has(VirtioFeature feature);

    /// <summary>Most entries of a queue.</summary>
    int QueueSizeOf(int queue);

    /// <summary>Tells the device that the queue has buffers.</summary>
    void Kick(int queue);

    /// <summary>Signalled when the queue was used; null when nothing is.</summary>
    EventFd? InterruptOf(int queue);
}
