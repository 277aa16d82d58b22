using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// One virtqueue of a function while it may be used: the ring, the check for a driver's errors, the interrupt. Opened and closed by the
/// control thread; a poller that read <see cref="Ring"/> may use it until its next quiet point.
/// </summary>
internal sealed class DeviceQueue(IVirtioDevice device, VirtioInterrupts interrupts)
{
    private Virtqueue? _ring;
    private ScratchMemory? _bounce;

    /// <summary>Virtqueue index it was last opened with.</summary>
    public int Index { get; private set; }

    /// <summary>Where the ring tells what it has in flight; null when nobody wants to know.</summary>
    public InflightRegion? Inflight { get; set; }

    /// <summary>The ring, or null when the queue is closed or the device not live.</summary>
    public Virtqueue? Ring => device.Registers.IsLive ? Volatile.Read(ref _ring) : null;

    /// <summary>
    /// Starts virtqueue <paramref name="index"/> where its cursor stands, if the driver enabled it; with <paramref name="byMessages"/> it
    /// may lie in memory that only messages reach, and its calls block.
    /// </summary>
    public void Open(int index, DmaDomain dma, bool byMessages)
    {
        Index = index;
        ref VirtioState registers = ref device.Registers;
        ref VirtioQueueState queue = ref registers.Queues[index];
        if (queue.Enabled == 0 || _ring is not null)
            return;

        RingFeatures features = RingFeaturesOf(registers.Features);
        if (byMessages)
            Inflight?.Forget(); // such a ring tells nothing, and where it began must not pass for where it is
        _bounce ??= byMessages ? new ScratchMemory(Virtqueue.BounceLength) : null;
        Virtqueue? ring = byMessages
            ? Virtqueue.TryCreateByMessages(dma, queue.Layout, features, ref queue.Cursor, _bounce!)
            : Virtqueue.TryCreate(dma, queue.Layout, features, ref queue.Cursor, Inflight);
        if (ring is null)
        {
            RefuseRing(index, dma, byMessages);
            return;
        }

        if (!byMessages)
            ring.SuppressKicks();
        Volatile.Write(ref _ring, ring);
    }

    /// <summary>Nobody gets the ring any more.</summary>
    public void Close() => Volatile.Write(ref _ring, null);

    /// <summary>After a take that gave nothing: reports the driver's error, if that was why.</summary>
    public void CheckFault(Virtqueue ring)
    {
        if (ring.Fault == VirtqueueFault.NeedsMessages)
            device.NeedsMessages();
        else if (ring.Fault != VirtqueueFault.None)
            device.Fail(Index, VirtioFaultReason.RingError, ring.Fault);
    }

    /// <summary>Fires the queue's interrupt.</summary>
    public void Interrupt() => interrupts.FireQueue(Index);

    /// <summary>A ring in pieces, as a driver behind an IOMMU may have it, works the way that messages do: by copies.</summary>
    private void RefuseRing(int index, DmaDomain dma, bool byMessages)
    {
        VirtqueueLayout layout = device.Registers.Queues[index].Layout;
        bool isMapped = dma.IsMapped(layout.DescriptorArea, layout.DescriptorBytes, DmaAccess.Read);
        if (!byMessages && (dma.HasMessageMappings || isMapped))
            device.NeedsMessages();
        else
            device.Fail(index, VirtioFaultReason.RingNotMapped);
    }

    private static RingFeatures RingFeaturesOf(VirtioFeatures features)
    {
        var ring = RingFeatures.None;
        ring |= (features & VirtioFeatures.IndirectDesc) != 0 ? RingFeatures.IndirectDescriptors : 0;
        ring |= (features & VirtioFeatures.EventIdx) != 0 ? RingFeatures.EventIndex : 0;
        ring |= (features & VirtioFeatures.RingPacked) != 0 ? RingFeatures.Packed : 0;
        ring |= (features & VirtioFeatures.InOrder) != 0 ? RingFeatures.InOrder : 0;
        return ring;
    }
}
