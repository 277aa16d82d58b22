namespace SoftIov.Memory;

/// <summary>What a driver did wrong with a ring; the consequence is DEVICE_NEEDS_RESET.</summary>
public enum VirtqueueFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The available index moved by more than the queue size.</summary>
    IndexJump,

    /// <summary>A descriptor index lies outside its table.</summary>
    BadDescriptorIndex,

    /// <summary>A chain is longer than its table: a loop.</summary>
    ChainTooLong,

    /// <summary>Indirect table: not negotiated, nested, chained behind, empty, too long or not a multiple of 16 bytes.</summary>
    BadIndirect,

    /// <summary>A readable descriptor follows a writable one.</summary>
    ReadableAfterWritable,

    /// <summary>A descriptor of length 0, or a chain longer than 2^32 bytes.</summary>
    BadLength,

    /// <summary>A buffer outside the domain's map, or without the permission its use needs.</summary>
    BadAddress,

    /// <summary>
    /// Not the driver's fault: a buffer lies in memory that only messages reach. The chain is still in the ring, for a queue made by
    /// <see cref="Virtqueue.TryCreateByMessages"/>.
    /// </summary>
    NeedsMessages,
}
