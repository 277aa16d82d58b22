namespace SoftIov.Lab.Virtio;

/// <summary>How a <see cref="VirtioNetDriver"/> sets its device up.</summary>
public sealed record NetDriverOptions
{
    /// <summary>Features of a driver that does no offloads; packed rings and in-order use are left out.</summary>
    public const VirtioFeature Plain = VirtioFeature.Version1 | VirtioFeature.AccessPlatform | VirtioFeature.Mac | VirtioFeature.Mtu
        | VirtioFeature.Status | VirtioFeature.MrgRxbuf | VirtioFeature.CtrlVq | VirtioFeature.CtrlRx | VirtioFeature.CtrlVlan
        | VirtioFeature.CtrlRxExtra | VirtioFeature.CtrlMacAddr | VirtioFeature.Mq | VirtioFeature.IndirectDesc | VirtioFeature.EventIdx;

    /// <summary>Checksum and TCP segmentation work left to the device or taken from it; to be added to the others.</summary>
    public const VirtioFeature Offloads = VirtioFeature.Csum | VirtioFeature.GuestCsum | VirtioFeature.HostTso4 | VirtioFeature.HostTso6
        | VirtioFeature.GuestTso4 | VirtioFeature.GuestTso6 | VirtioFeature.CtrlGuestOffloads;

    /// <summary>Features to ask for; those the device does not offer are done without.</summary>
    public VirtioFeature Features { get; init; } = Plain;

    /// <summary>Pairs of queues to use, as far as the device has them; more than one needs VIRTIO_NET_F_MQ.</summary>
    public int QueuePairs { get; init; } = 1;

    /// <summary>Entries of each receive and transmit ring, at most what the device allows.</summary>
    public int RingSize { get; init; } = 256;

    /// <summary>Bytes of a receive buffer, header included.</summary>
    public int ReceiveBufferSize { get; init; } = 2048;

    /// <summary>Bytes of a transmit buffer, header included: the longest frame that can be sent is a header shorter.</summary>
    public int TransmitBufferSize { get; init; } = 2048;

    /// <summary>How a frame lies in transmit buffers.</summary>
    public TransmitLayout Layout { get; init; } = TransmitLayout.OneBuffer;

    internal int ReceiveStride => StrideOf(ReceiveBufferSize);

    internal int TransmitStride => StrideOf(TransmitBufferSize);

    /// <summary>Bytes of driver memory that rings, buffers and tables take.</summary>
    public long MemoryNeeded
    {
        get
        {
            const int RoundingPerPair = 4096;
            long descriptors = 64L * RingSize;
            long tables = Layout == TransmitLayout.Indirect ? (long)RingSize * DriverVirtqueue.IndirectCapacity * DriverDescriptor.Size : 0;
            long pair = (2 * descriptors) + tables + ((long)RingSize * (ReceiveStride + TransmitStride)) + RoundingPerPair;
            return (pair * QueuePairs) + ControlChannel.MemoryNeeded;
        }
    }

    /// <summary>An odd number of cache lines: with a power of two all headers would fall into a few sets of the cache.</summary>
    private static int StrideOf(int size) => (((size + 63) / 64) | 1) * 64;
}
