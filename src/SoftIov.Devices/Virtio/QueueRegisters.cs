using System.Buffers.Binary;
using System.Numerics;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio;

/// <summary>The part of the common configuration that queue_select switches (virtio 1.4, 4.1.4.3 and 4.1.5.1.3).</summary>
internal sealed class QueueRegisters(IVirtioDevice device, int vectorCount)
{
    private ref VirtioState State => ref device.Registers;

    private bool IsSelected => State.QueueSelect < device.QueueCount;

    private bool IsPacked => (State.Features & VirtioFeatures.RingPacked) != 0;

    /// <summary>Fills the fields of the selected queue; without one they stay 0.</summary>
    public void WriteImage(Span<byte> image)
    {
        if (!IsSelected)
            return;

        ref VirtioQueueState queue = ref State.Queues[State.QueueSelect];
        BinaryPrimitives.WriteUInt16LittleEndian(image[CommonConfig.QueueSize..], queue.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(image[CommonConfig.QueueMsixVector..], queue.MsixVector);
        BinaryPrimitives.WriteUInt16LittleEndian(image[CommonConfig.QueueEnable..], queue.Enabled);
        BinaryPrimitives.WriteUInt16LittleEndian(image[CommonConfig.QueueNotifyOff..], State.QueueSelect);
        BinaryPrimitives.WriteUInt64LittleEndian(image[CommonConfig.QueueDesc..], queue.DescriptorArea);
        BinaryPrimitives.WriteUInt64LittleEndian(image[CommonConfig.QueueDriver..], queue.DriverArea);
        BinaryPrimitives.WriteUInt64LittleEndian(image[CommonConfig.QueueDevice..], queue.DeviceArea);
    }

    /// <summary>Applies a write to <paramref name="field"/> of the selected queue, if there is one.</summary>
    public void Apply(int field, ReadOnlySpan<byte> image)
    {
        if (!IsSelected)
            return;

        ref VirtioQueueState queue = ref State.Queues[State.QueueSelect];
        ushort value = BinaryPrimitives.ReadUInt16LittleEndian(image[field..]);
        switch (field)
        {
            case CommonConfig.QueueMsixVector:
                Volatile.Write(ref queue.MsixVector, value < vectorCount ? value : CommonConfig.NoVector);
                break;
            case CommonConfig.QueueReset when value == 1:
                Reset(ref queue);
                break;
            case CommonConfig.QueueEnable when value == 1 && queue.Enabled == 0:
                Enable(ref queue);
                break;
            case CommonConfig.QueueSize when queue.Enabled == 0:
                SetSize(ref queue, value);
                break;
            case CommonConfig.QueueDesc when queue.Enabled == 0:
                queue.DescriptorArea = BinaryPrimitives.ReadUInt64LittleEndian(image[field..]);
                break;
            case CommonConfig.QueueDriver when queue.Enabled == 0:
                queue.DriverArea = BinaryPrimitives.ReadUInt64LittleEndian(image[field..]);
                break;
            case CommonConfig.QueueDevice when queue.Enabled == 0:
                queue.DeviceArea = BinaryPrimitives.ReadUInt64LittleEndian(image[field..]);
                break;
        }
    }

    private void SetSize(ref VirtioQueueState queue, ushort size)
    {
        if (size == 0 || size > device.MaxQueueSize || (!IsPacked && !BitOperations.IsPow2(size)))
            device.Fail(State.QueueSelect, VirtioFaultReason.BadQueueSize);
        else
            queue.Size = size;
    }

    /// <summary>Before FEATURES_OK nobody knows which kind of ring it is, and after a fault no queue starts: then it stays disabled.</summary>
    private void Enable(ref VirtioQueueState queue)
    {
        DeviceStatus status = State.DeviceStatus;
        if ((status & (DeviceStatus.FeaturesOk | DeviceStatus.NeedsReset)) != DeviceStatus.FeaturesOk)
            return;

        if (!IsAligned(in queue))
        {
            device.Fail(State.QueueSelect, VirtioFaultReason.MisalignedRing);
            return;
        }

        queue.Cursor = Memory.VirtqueueCursor.AtEnable;
        queue.Enabled = 1;
        if ((status & DeviceStatus.DriverOk) != 0)
            device.StartQueue(State.QueueSelect);
    }

    /// <summary>Done when the write returns, so queue_reset reads 0 at once. Addresses stay until the driver writes new ones.</summary>
    private void Reset(ref VirtioQueueState queue)
    {
        if ((State.Features & VirtioFeatures.RingReset) == 0 || (State.DeviceStatus & DeviceStatus.FeaturesOk) == 0)
            return;

        device.StopQueue(State.QueueSelect);
        queue.Enabled = 0;
        queue.Cursor = Memory.VirtqueueCursor.AtEnable;
    }

    private bool IsAligned(in VirtioQueueState queue)
    {
        ulong driverAlignment = IsPacked ? 4u : 2u;
        return queue.DescriptorArea % 16 == 0 && queue.DriverArea % driverAlignment == 0 && queue.DeviceArea % 4 == 0;
    }
}
