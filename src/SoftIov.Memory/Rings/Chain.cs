namespace SoftIov.Memory;

/// <summary>One descriptor chain taken from a ring: checked, translated, and copied out of the driver's reach.</summary>
public struct Chain
{
    /// <summary>Head descriptor index (split) or buffer id (packed).</summary>
    public ushort Id;

    /// <summary>Ring slots the chain occupies: 1 when split or indirect, else its number of descriptors.</summary>
    public ushort SlotCount;

    /// <summary>Number of device-readable segments; they come first.</summary>
    public ushort ReadableCount;

    /// <summary>Number of device-writable segments.</summary>
    public ushort WritableCount;

    /// <summary>Bytes in the readable segments.</summary>
    public uint ReadableLength;

    /// <summary>Bytes in the writable segments.</summary>
    public uint WritableLength;

    internal int FirstSegment;
}
