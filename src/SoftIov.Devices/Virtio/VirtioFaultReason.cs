namespace SoftIov.Devices.Virtio;

/// <summary>Why a function set DEVICE_NEEDS_RESET (virtio 1.4, 2.1.2): something its own driver did.</summary>
public enum VirtioFaultReason : byte
{
    /// <summary>A descriptor or an index in the ring is wrong; the ring's own fault says how.</summary>
    RingError,

    /// <summary>queue_size 0, above the maximum, or not a power of two in a split ring.</summary>
    BadQueueSize,

    /// <summary>A ring address is not aligned as its part of the ring must be.</summary>
    MisalignedRing,

    /// <summary>The ring's memory is not mapped for the function.</summary>
    RingNotMapped,

    /// <summary>A control command has no writable byte for its acknowledgement.</summary>
    NoAcknowledgement,
}
