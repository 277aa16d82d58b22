namespace SoftIov.Lab.VfioUser;

/// <summary>Numbers of the protocol as clients use them (vfio-user specification; linux/vfio.h).</summary>
public static class ClientMessage
{
    /// <summary>Bytes of a header: u16 id, u16 command, u32 size, u32 flags, u32 error.</summary>
    public const int HeaderLength = 16;

    /// <summary>Flags: a reply.</summary>
    public const uint Reply = 1;

    /// <summary>Flags: do not answer.</summary>
    public const uint NoReply = 0x10;

    /// <summary>Flags: the reply tells an error.</summary>
    public const uint Error = 0x20;

    /// <summary>VERSION.</summary>
    public const ushort Version = 1;

    /// <summary>DMA_MAP.</summary>
    public const ushort DmaMap = 2;

    /// <summary>DMA_UNMAP.</summary>
    public const ushort DmaUnmap = 3;

    /// <summary>DEVICE_GET_INFO.</summary>
    public const ushort GetInfo = 4;

    /// <summary>DEVICE_GET_REGION_INFO.</summary>
    public const ushort GetRegionInfo = 5;

    /// <summary>DEVICE_GET_REGION_IO_FDS.</summary>
    public const ushort GetRegionIoFds = 6;

    /// <summary>DEVICE_GET_IRQ_INFO.</summary>
    public const ushort GetIrqInfo = 7;

    /// <summary>DEVICE_SET_IRQS.</summary>
    public const ushort SetIrqs = 8;

    /// <summary>REGION_READ.</summary>
    public const ushort RegionRead = 9;

    /// <summary>REGION_WRITE.</summary>
    public const ushort RegionWrite = 10;

    /// <summary>DMA_READ, from the server.</summary>
    public const ushort DmaRead = 11;

    /// <summary>DMA_WRITE, from the server.</summary>
    public const ushort DmaWrite = 12;

    /// <summary>DEVICE_RESET.</summary>
    public const ushort Reset = 13;

    /// <summary>DIRTY_PAGES, obsolete.</summary>
    public const ushort DirtyPages = 14;

    /// <summary>REGION_WRITE_MULTI.</summary>
    public const ushort RegionWriteMulti = 15;

    /// <summary>DEVICE_FEATURE.</summary>
    public const ushort Feature = 16;

    /// <summary>Region index of configuration space.</summary>
    public const int ConfigRegion = 7;

    /// <summary>Interrupt index of the pin.</summary>
    public const uint Intx = 0;

    /// <summary>Interrupt index of MSI.</summary>
    public const uint Msi = 1;

    /// <summary>Interrupt index of MSI-X.</summary>
    public const uint Msix = 2;

    /// <summary>SET_IRQS data: none.</summary>
    public const uint DataNone = 1;

    /// <summary>SET_IRQS data: a byte each.</summary>
    public const uint DataBool = 2;

    /// <summary>SET_IRQS data: an eventfd each.</summary>
    public const uint DataEventFd = 4;

    /// <summary>SET_IRQS action: mask.</summary>
    public const uint Mask = 8;

    /// <summary>SET_IRQS action: unmask.</summary>
    public const uint Unmask = 0x10;

    /// <summary>SET_IRQS action: fire, or connect.</summary>
    public const uint Trigger = 0x20;
}
