namespace SoftIov.Pcie;

/// <summary>The writable registers of a root port (PCIe 7.5.1.3).</summary>
internal struct BridgeRegisters
{
    private const uint ClosedWindow = 0x0000_FFF0;

    public ushort Command;
    public byte CacheLineSize;
    public byte InterruptLine;

    /// <summary>Primary, secondary and subordinate bus number, and a latency timer that is always 0.</summary>
    public uint BusNumbers;

    /// <summary>Memory base and limit.</summary>
    public uint MemoryWindow;

    /// <summary>Prefetchable memory base and limit, bits 31:20.</summary>
    public uint PrefetchableWindow;

    public uint PrefetchableBaseUpper;
    public uint PrefetchableLimitUpper;
    public ushort BridgeControl;

    /// <summary>The RW1C bits of Secondary Status.</summary>
    public ushort SecondaryStatus;
    public ushort PowerControl;
    public ushort DeviceControl;
    public ushort DeviceStatus;
    public ushort LinkControl;
    public ushort RootControl;
    public ushort DeviceControl2;
    public ushort AcsControl;
    public ushort MsiControl;
    public uint MsiAddressLow;
    public uint MsiAddressHigh;
    public ushort MsiData;
    public uint RootErrorCommand;

    /// <summary>Root Error Status of AER: which error messages came. Sticky.</summary>
    public uint RootErrorStatus;

    /// <summary>Error Source Identification of AER: routing id of the first uncorrectable error in bits 31:16. Sticky.</summary>
    public uint ErrorSource;

    public StickyRegisters Sticky;

    /// <summary>Power-on values: both windows end below where they start, so they are closed.</summary>
    public static BridgeRegisters AtPowerOn => new()
    {
        MemoryWindow = ClosedWindow,
        PrefetchableWindow = ClosedWindow,
        DeviceControl = PcieCapability.DefaultDeviceControl,
        Sticky = StickyRegisters.AtPowerOn,
    };

    /// <summary>What a hot reset leaves of these: power-on values, but for sticky registers (PCIe 7.8.4.10 and .11).</summary>
    public readonly BridgeRegisters AfterHotReset
    {
        get
        {
            BridgeRegisters registers = AtPowerOn;
            registers.RootErrorStatus = RootErrorStatus;
            registers.ErrorSource = ErrorSource;
            registers.Sticky = Sticky;
            return registers;
        }
    }
}
