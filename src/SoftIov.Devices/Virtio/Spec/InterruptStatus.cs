namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Bits of the ISR status byte (virtio 1.4, 4.1.4.5).</summary>
[Flags]
internal enum InterruptStatus
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A queue has used buffers.</summary>
    Queue = 1,

    /// <summary>The device configuration changed.</summary>
    Configuration = 2,
}
