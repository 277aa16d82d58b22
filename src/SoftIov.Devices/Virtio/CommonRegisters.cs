using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// The common configuration structure (virtio 1.4, 4.1.4.3). An access of any width and alignment works: reads are cut from an image of
/// all fields; a write is laid over that image and then applied field by field, in ascending order.
/// </summary>
internal sealed class CommonRegisters(IVirtioDevice device, int vectorCount)
{
    /// <summary>Writable fields and their widths in bytes.</summary>
    private static readonly (int Offset, int Width)[] WritableFields =
    [
        (CommonConfig.DeviceFeatureSelect, 4), (CommonConfig.DriverFeatureSelect, 4), (CommonConfig.DriverFeature, 4),
        (CommonConfig.ConfigMsixVector, 2), (CommonConfig.DeviceStatus, 1), (CommonConfig.QueueSelect, 2),
        (CommonConfig.QueueSize, 2), (CommonConfig.QueueMsixVector, 2), (CommonConfig.QueueDesc, 8),
        (CommonConfig.QueueDriver, 8), (CommonConfig.QueueDevice, 8), (CommonConfig.QueueEnable, 2), (CommonConfig.QueueReset, 2),
    ];

    private readonly QueueRegisters _queues = new(device, vectorCount);

    private ref VirtioState State => ref device.Registers;

    /// <summary>All fields as they read now.</summary>
    public void WriteImage(Span<byte> image)
    {
        image.Clear();
        ref VirtioState state = ref State;
        Put32(image, CommonConfig.DeviceFeatureSelect, state.DeviceFeatureSelect);
        Put32(image, CommonConfig.DeviceFeature, Word((ulong)device.OfferedFeatures, 0, state.DeviceFeatureSelect));
        Put32(image, CommonConfig.DriverFeatureSelect, state.DriverFeatureSelect);
        Put32(image, CommonConfig.DriverFeature, Word(state.DriverFeatures, state.DriverFeaturesHigh, state.DriverFeatureSelect));
        Put16(image, CommonConfig.ConfigMsixVector, state.ConfigVector);
        Put16(image, CommonConfig.NumQueues, (ushort)device.QueueCount);
        image[CommonConfig.DeviceStatus] = (byte)state.DeviceStatus;
        image[CommonConfig.ConfigGeneration] = device.ReadGeneration();
        Put16(image, CommonConfig.QueueSelect, state.QueueSelect);
        _queues.WriteImage(image);
    }

    /// <summary>Applies a write; <paramref name="offset"/> lies inside the structure, bytes beyond it are dropped.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        Span<byte> image = stackalloc byte[CommonConfig.Length];
        WriteImage(image);
        int end = Math.Min(CommonConfig.Length, offset + source.Length);
        source[..(end - offset)].CopyTo(image[offset..]);
        foreach ((int field, int width) in WritableFields)
        {
            if (field < end && offset < field + width)
                Apply(field, image);
        }
    }

    private void Apply(int field, ReadOnlySpan<byte> image)
    {
        ref VirtioState state = ref State;
        switch (field)
        {
            case CommonConfig.DeviceFeatureSelect:
                state.DeviceFeatureSelect = BinaryPrimitives.ReadUInt32LittleEndian(image[field..]);
                break;
            case CommonConfig.DriverFeatureSelect:
                state.DriverFeatureSelect = BinaryPrimitives.ReadUInt32LittleEndian(image[field..]);
                break;
            case CommonConfig.DriverFeature:
                SetDriverFeatures(BinaryPrimitives.ReadUInt32LittleEndian(image[field..]));
                break;
            case CommonConfig.ConfigMsixVector:
                ushort vector = BinaryPrimitives.ReadUInt16LittleEndian(image[field..]);
                state.ConfigVector = vector < vectorCount ? vector : CommonConfig.NoVector;
                break;
            case CommonConfig.DeviceStatus:
                SetStatus((DeviceStatus)image[field]);
                break;
            case CommonConfig.QueueSelect:
                state.QueueSelect = BinaryPrimitives.ReadUInt16LittleEndian(image[field..]);
                break;
            default:
                _queues.Apply(field, image);
                break;
        }
    }

    private void SetDriverFeatures(uint word)
    {
        ref VirtioState state = ref State;
        if ((state.DeviceStatus & DeviceStatus.FeaturesOk) != 0 || state.DriverFeatureSelect > 3)
            return;

        int shift = (int)(state.DriverFeatureSelect & 1) * 32;
        ref ulong half = ref state.DriverFeatureSelect < 2 ? ref state.DriverFeatures : ref state.DriverFeaturesHigh;
        half = (half & ~(0xFFFF_FFFFUL << shift)) | (ulong)word << shift;
    }

    /// <summary>0 resets. Other writes only add bits: one that misses a bit the driver has set is ignored.</summary>
    private void SetStatus(DeviceStatus written)
    {
        ref VirtioState state = ref State;
        if (written == DeviceStatus.None)
        {
            device.Reset();
            return;
        }

        DeviceStatus current = state.DeviceStatus & DeviceStatus.DriverBits;
        if ((written & current) != current)
            return;

        DeviceStatus added = written & DeviceStatus.DriverBits & ~current;
        if ((added & DeviceStatus.FeaturesOk) != 0 && !IsAcceptable(in state))
            added &= ~(DeviceStatus.FeaturesOk | DeviceStatus.DriverOk);
        if (((current | added) & DeviceStatus.FeaturesOk) == 0)
            added &= ~DeviceStatus.DriverOk;
        Interlocked.Or(ref state.Status, (int)added);
        if ((added & DeviceStatus.DriverOk) != 0)
            device.DriverOk();
    }

    private bool IsAcceptable(in VirtioState state) =>
        state.DriverFeaturesHigh == 0
        && (state.Features & ~device.OfferedFeatures) == 0
        && (state.Features & VirtioFeatures.Version1) != 0
        && device.AreConsistent(state.Features);

    private static uint Word(ulong low, ulong high, uint select) => select switch
    {
        0 => (uint)low,
        1 => (uint)(low >> 32),
        2 => (uint)high,
        3 => (uint)(high >> 32),
        _ => 0,
    };

    private static void Put16(Span<byte> image, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(image[offset..], value);

    private static void Put32(Span<byte> image, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(image[offset..], value);
}
