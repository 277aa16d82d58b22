namespace SoftIov.Pcie;

/// <summary>
/// All that a function level reset clears, in whichever view it is started. Reset assigns <see cref="AtPowerOn"/> (decision D7). What
/// only one view shows and the other must not disturb lies in <see cref="FabricRegisters"/>.
/// </summary>
internal struct FunctionRegisters
{
    /// <summary>Command: bus master, parity, SERR#, INTx disable; of the assigned view also memory enable.</summary>
    public ushort Command;

    /// <summary>The RW1C error bits of Status.</summary>
    public ushort Status;

    /// <summary>Cache line size, of the assigned view.</summary>
    public byte CacheLineSize;

    /// <summary>Interrupt line, of the assigned view.</summary>
    public byte InterruptLine;

    /// <summary>PMCSR of the assigned view.</summary>
    public ushort PowerControl;

    /// <summary>MSI-X message control: enable and function mask.</summary>
    public ushort MsixControl;

    /// <summary>MSI message control: enable and Multiple Message Enable.</summary>
    public ushort MsiControl;

    /// <summary>MSI message data.</summary>
    public ushort MsiData;

    /// <summary>MSI message address, bits 31:2.</summary>
    public uint MsiAddressLow;

    /// <summary>MSI message address, bits 63:32.</summary>
    public uint MsiAddressHigh;

    /// <summary>MSI mask bits.</summary>
    public uint MsiMask;

    /// <summary>MSI pending bits, 31:0.</summary>
    public ulong MsiPending;

    /// <summary>Device Control.</summary>
    public ushort DeviceControl;

    /// <summary>The RW1C bits of Device Status.</summary>
    public ushort DeviceStatus;

    /// <summary>Link Control.</summary>
    public ushort LinkControl;

    /// <summary>Device Control 2.</summary>
    public ushort DeviceControl2;

    /// <summary>ACS Control.</summary>
    public ushort AcsControl;

    /// <summary>BARs as the client of the assigned view wrote them. The client's VMM decodes addresses; this function does not.</summary>
    public BarRegisters Bars;

    /// <summary>MSI-X pending bits.</summary>
    public MsixPendingBits MsixPending;

    /// <summary>MSI-X table.</summary>
    public MsixTableRegisters MsixTable;

    /// <summary>Power-on values.</summary>
    public static FunctionRegisters AtPowerOn
    {
        get
        {
            FunctionRegisters registers = default;
            registers.DeviceControl = PcieCapability.DefaultDeviceControl;
            for (int i = 0; i < MsixTableRegisters.Count; i++)
                registers.MsixTable[i].VectorControl = MsixEntry.Masked;
            return registers;
        }
    }
}
