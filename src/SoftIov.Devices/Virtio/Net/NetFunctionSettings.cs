using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>What an operator decides about a network function before it exists. Constant for its life.</summary>
public sealed record NetFunctionSettings
{
    /// <summary>Largest <see cref="QueuePairs"/>.</summary>
    public const int MaxQueuePairs = 16;

    /// <summary>For logs, errors and state pages, for example net0/3.</summary>
    public required string Name { get; init; }

    /// <summary>True for a PF whose configuration space has the SR-IOV capability: it then offers VIRTIO_F_SR_IOV.</summary>
    public bool HasSriovCapability { get; init; }

    /// <summary>Pairs of receive and transmit queues, 1..16.</summary>
    public int QueuePairs { get; init; } = 1;

    /// <summary>Entries of each queue, a power of two in 2..32768.</summary>
    public int QueueSize { get; init; } = 1024;

    /// <summary>Largest payload of an Ethernet frame in bytes, 1280..65535; constant while the driver runs.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Speed shown to the driver in Mbit/s.</summary>
    public uint SpeedMegabits { get; init; } = 10_000;

    /// <summary>Features not to offer.</summary>
    public VirtioFeatures MaskedFeatures { get; init; }

    /// <summary>Interrupts the function has.</summary>
    public NetInterrupts Interrupts { get; init; } = NetInterrupts.Msix;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first value out of its range.</summary>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfNotEqual(QueuePairs is >= 1 and <= MaxQueuePairs, true, nameof(QueuePairs));
        bool isSizeValid = QueueSize is >= 2 and <= CommonConfig.MaxQueueSize && (QueueSize & (QueueSize - 1)) == 0;
        ArgumentOutOfRangeException.ThrowIfNotEqual(isSizeValid, true, nameof(QueueSize));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Mtu is >= 1280 and <= 65535, true, nameof(Mtu));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SpeedMegabits, (uint)int.MaxValue);
    }
}
