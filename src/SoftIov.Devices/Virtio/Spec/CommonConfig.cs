namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Offsets in struct virtio_pci_common_cfg (virtio 1.4, 4.1.4.3).</summary>
internal static class CommonConfig
{
    public const int DeviceFeatureSelect = 0;
    public const int DeviceFeature = 4;
    public const int DriverFeatureSelect = 8;
    public const int DriverFeature = 12;
    public const int ConfigMsixVector = 16;
    public const int NumQueues = 18;
    public const int DeviceStatus = 20;
    public const int ConfigGeneration = 21;
    public const int QueueSelect = 22;
    public const int QueueSize = 24;
    public const int QueueMsixVector = 26;
    public const int QueueEnable = 28;
    public const int QueueNotifyOff = 30;
    public const int QueueDesc = 32;
    public const int QueueDriver = 40;
    public const int QueueDevice = 48;
    public const int QueueNotifConfigData = 56;
    public const int QueueReset = 58;
    public const int AdminQueueIndex = 60;
    public const int AdminQueueNum = 62;

    /// <summary>Whole struct. Drivers refuse a shorter one when they negotiated a feature whose field lies beyond its end.</summary>
    public const int Length = 64;

    /// <summary>VIRTIO_MSI_NO_VECTOR.</summary>
    public const ushort NoVector = 0xFFFF;

    /// <summary>Largest queue_size.</summary>
    public const int MaxQueueSize = 32768;
}
