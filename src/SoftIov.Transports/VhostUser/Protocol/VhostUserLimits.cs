namespace SoftIov.Transports.VhostUser;

/// <summary>Bounds of messages and of what they set up.</summary>
internal static class VhostUserLimits
{
    /// <summary>Bytes of payload; the largest message that is served takes 264.</summary>
    public const int Payload = 4096;

    /// <summary>Descriptors of one message: a region each of SET_MEM_TABLE.</summary>
    public const int Descriptors = 8;

    /// <summary>Regions with CONFIGURE_MEM_SLOTS: as many as QEMU ever uses.</summary>
    public const int MemorySlots = 512;
}
